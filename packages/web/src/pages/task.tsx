import type { Contribution, Task } from "@gotong/client";
import { useEffect, useState } from "preact/hooks";
import { act } from "../data/acts.ts";
import { useList, useRead } from "../data/read.ts";
import { account } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import { go } from "../router.ts";
import { t, when, type TextKey } from "../texts/index.ts";
import { useSubmit } from "../ui/form.tsx";
import { Heading, Loading, Person, Sheet, Shown, Status, say } from "../ui/parts.tsx";
import { Problem } from "../ui/problem.tsx";
import { ReportButton } from "../ui/report.tsx";
import { TaskFacts } from "./tasks.tsx";

export function TaskPage({ parts }: { parts: readonly string[] }) {
  const task = useRead("getTask", { path: { task_id: parts[0] ?? "" } });
  return <Shown reading={task}>{(value) => <Shows task={value} />}</Shown>;
}

function Shows({ task }: { task: Task }) {
  const user = useSignal(account);
  const isMine = task.creator_id === user?.id;
  const isDone = task.status === "completed";
  return (
    <>
      <Heading text={task.title}>
        <Status value={task.status} />
      </Heading>
      {task.hidden && <p class="notice warn">{t("hidden_notice", { reason: task.hidden.reason })}</p>}
      <TaskFacts task={task} />
      <p class="pre card">{task.description}</p>
      <Steps task={task} />
      <dl class="facts">
        <dt>{t("published_by")}</dt>
        <dd>
          <Person of={task.creator} /> · {when(task.created_at)}
        </dd>
        {task.assignees.length > 0 && (
          <>
            <dt>{t("done_by")}</dt>
            {task.assignees.map((place) => (
              <dd key={place.user.id}>
                <Person of={place.user} />
              </dd>
            ))}
          </>
        )}
        {task.people_needed > 1 && (
          <>
            <dt>{t("people_needed")}</dt>
            <dd>{t("places_left", { left: task.places_left, people: task.people_needed })}</dd>
          </>
        )}
        {task.coordinates && (
          <>
            <dt>{t("place")}</dt>
            <dd>
              <a href={`geo:${task.coordinates.lat},${task.coordinates.lon}`}>
                {task.coordinates.lat.toFixed(5)}, {task.coordinates.lon.toFixed(5)}
              </a>
            </dd>
          </>
        )}
        <SkillNames ids={task.skill_ids} />
      </dl>
      {isDone && <Results task={task} />}
      <div class="row">
        {isMine && ["open", "assigned"].includes(task.status) && (
          <a class="button second" href={`/tasks/${task.id}/edit`}>
            {t("change")}
          </a>
        )}
        {!isMine && <ReportButton type="task" id={task.id} />}
      </div>
      <Conversation task={task} />
    </>
  );
}

/** Loads the comments separately, so that the first script does not contain them. */
function Conversation({ task }: { task: Task }) {
  const [part, setPart] = useState<typeof import("./comments.tsx")>();
  useEffect(() => void import("./comments.tsx").then(setPart, () => undefined), []);
  return part ? <part.Comments type="task" id={task.id} /> : <Loading />;
}

function SkillNames({ ids }: { ids: readonly string[] }) {
  const skills = useRead("listSkills", ids.length > 0 ? { query: { limit: 100 } } : undefined);
  const names = skills.value?.data.filter((one) => ids.includes(one.id)).map((one) => one.name) ?? [];
  if (names.length === 0) return null;
  return (
    <>
      <dt>{t("skills")}</dt>
      <dd>{names.join(", ")}</dd>
    </>
  );
}

interface Step {
  readonly operation: "claimTask" | "startTask" | "unassignTask" | "closeTask" | "cancelTask";
  readonly text: TextKey;
  readonly done: TextKey;
  readonly tone?: "second" | "bad";
  /** Question to confirm before the step. */
  readonly asks?: TextKey;
}

const CLAIM: Step = { operation: "claimTask", text: "claim", done: "claimed" };
const START: Step = { operation: "startTask", text: "start", done: "started" };
const GIVE_BACK: Step = {
  operation: "unassignTask",
  text: "give_back",
  done: "given_back",
  tone: "second",
  asks: "give_back_asks",
};
const TAKE_BACK: Step = {
  operation: "unassignTask",
  text: "take_back",
  done: "taken_back",
  tone: "second",
  asks: "take_back_asks",
};
const CLOSE: Step = {
  operation: "closeTask",
  text: "close_task",
  done: "closed",
  tone: "second",
  asks: "close_asks",
};
const CANCEL: Step = {
  operation: "cancelTask",
  text: "cancel_task",
  done: "cancelled",
  tone: "bad",
  asks: "cancel_asks",
};

/** The status of a member's place in a task; undefined if they have none. */
const placeOf = (task: Task, userId: string | undefined) =>
  task.assignees.find(({ user }) => user.id === userId)?.status;

/** The steps that the task's status allows this member. */
function stepsOf(task: Task, userId: string | undefined): readonly Step[] {
  const isMine = task.creator_id === userId;
  const place = placeOf(task, userId);
  const isTaken = ["assigned", "in_progress"].includes(task.status);
  const isForOne = task.people_needed === 1;
  const isShared = !isForOne && task.status === "open" && task.assignees.length > 0;
  return [
    ...(task.status === "open" && place === undefined ? [CLAIM] : []),
    ...(place === "assigned" ? [START] : []),
    ...(place === "assigned" || place === "in_progress" ? [GIVE_BACK] : []),
    ...(isTaken && isMine && isForOne && place === undefined ? [TAKE_BACK] : []),
    ...(isMine && isShared ? [CLOSE] : []),
    ...(isMine && (task.status === "open" || isTaken) ? [CANCEL] : []),
  ];
}

function Steps({ task }: { task: Task }) {
  const user = useSignal(account);
  const submission = useSubmit();
  const [asked, setAsked] = useState<Step>();
  const place = placeOf(task, user?.id);
  const input = { path: { task_id: task.id } };
  const perform = (step: Step) =>
    submission.run(async () => {
      setAsked(undefined);
      const answer = await act({ operation: step.operation, input, label: step.text, about: task.title });
      say(t(answer ? step.done : "kept_for_later"));
    });
  const complete = () =>
    submission.run(async () => {
      const answer: Contribution | undefined = await act({
        operation: "completeTask",
        input,
        label: "complete",
        about: task.title,
      });
      if (answer) go(`/contributions/${answer.id}`);
      else say(t("kept_for_later"));
    });
  const steps = stepsOf(task, user?.id);
  const canComplete = place === "in_progress";
  if (steps.length === 0 && !canComplete && submission.error === undefined) return null;
  return (
    <section class="card" aria-label={t("next_step")}>
      {(place === "assigned" || place === "in_progress") && <p>{t(`hint_${place}`)}</p>}
      <Problem error={submission.error} />
      {canComplete && (
        <button class="wide" type="button" aria-disabled={submission.isBusy} onClick={() => void complete()}>
          {t("complete")}
        </button>
      )}
      {steps.map((step) => (
        <button
          key={step.text}
          type="button"
          class={`wide ${step.tone ?? ""}`}
          aria-disabled={submission.isBusy}
          onClick={() => (step.asks ? setAsked(step) : void perform(step))}
        >
          {t(step.text)}
        </button>
      ))}
      {asked && (
        <Sheet title={t(asked.text)} onClose={() => setAsked(undefined)}>
          <p>{t(asked.asks ?? "are_you_sure")}</p>
          <button class={`wide ${asked.tone === "bad" ? "bad" : ""}`} type="button" onClick={() => void perform(asked)}>
            {t(asked.text)}
          </button>
        </Sheet>
      )}
    </section>
  );
}

/** The contributions that a completed task created. */
function Results({ task }: { task: Task }) {
  const list = useList("listContributions", { query: { task: task.id } });
  return (
    <section class="stack">
      <h2>{t("results")}</h2>
      {list.value?.map((one) => (
        <a class="card" key={one.id} href={`/contributions/${one.id}`}>
          <div class="row between">
            <h3>{one.title}</h3>
            <Status value={one.verification_status} />
          </div>
        </a>
      ))}
    </section>
  );
}
