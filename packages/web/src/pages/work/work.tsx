import { useList } from "../../data/read.ts";
import { account } from "../../data/session.ts";
import { useSignal } from "../../data/signal.ts";
import { ago, t } from "../../texts/index.ts";
import { useKeptChoice } from "../../ui/kept.ts";
import { Choices, Heading, Items, Status } from "../../ui/parts.tsx";
import { TaskCard } from "../tasks.tsx";

const PARTS = ["in_hand", "done", "published"] as const;
type Part = (typeof PARTS)[number];

/** The member's assigned tasks, contributions, and published tasks. */
export function WorkPage() {
  const [part, setPart] = useKeptChoice<Part>("part", PARTS);
  return (
    <>
      <Heading text={t("work_title")} />
      <Choices
        label="work_parts"
        value={part}
        onChoose={setPart}
        options={PARTS.map((one) => [one, t(`work_${one}`)])}
      />
      {part === "in_hand" && <InHand />}
      {part === "done" && <Done />}
      {part === "published" && <Published />}
    </>
  );
}

function InHand() {
  const id = useSignal(account)?.id ?? "";
  const started = useList("listTasks", { query: { assignee: id, status: "in_progress" } });
  const claimed = useList("listTasks", { query: { assignee: id, status: "assigned,open" } });
  const isNone = started.value?.length === 0 && claimed.value?.length === 0;
  return isNone ? (
    <div class="card">
      <p>{t("work_none")}</p>
      <a class="button" href="/">
        {t("to_tasks")}
      </a>
    </div>
  ) : (
    <>
      {started.value?.length !== 0 && (
        <Items list={started} empty="">
          {(task) => <TaskCard task={task} />}
        </Items>
      )}
      {claimed.value?.length !== 0 && (
        <Items list={claimed} empty="">
          {(task) => <TaskCard task={task} />}
        </Items>
      )}
    </>
  );
}

function Done() {
  const id = useSignal(account)?.id ?? "";
  const list = useList("listUserContributions", { path: { user_id: id } });
  return (
    <>
      <Items list={list} empty={t("done_none")}>
        {(one) => (
          <a class="card" href={`/contributions/${one.id}`}>
            <div class="row between">
              <Status value={one.verification_status} />
              <span class="soft">{ago(one.created_at)}</span>
            </div>
            <h2>{one.title}</h2>
          </a>
        )}
      </Items>
      <a class="button second" href="/work/new">
        {t("record_title")}
      </a>
    </>
  );
}

function Published() {
  const id = useSignal(account)?.id ?? "";
  const list = useList("listTasks", { query: { creator: id } });
  return (
    <Items list={list} empty={t("published_none")}>
      {(task) => <TaskCard task={task} />}
    </Items>
  );
}
