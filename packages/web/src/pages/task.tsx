import type { Task } from "@gotong/client";
import { useList, useRead } from "../data/read.ts";
import { account } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import { t, when } from "../texts/index.ts";
import { Folded, Heading, PartMissing, Shown, Status, usePart } from "../ui/parts.tsx";
import { Person } from "../ui/person.tsx";
import { ReportButton } from "../ui/report.tsx";
import { Steps, placeOf } from "./task-steps.tsx";
import { TaskFacts } from "./tasks.tsx";

export function TaskPage({ parts }: { parts: readonly string[] }) {
  const task = useRead("getTask", { path: { task_id: parts[0] ?? "" } });
  return <Shown reading={task}>{(value) => <Shows task={value} />}</Shown>;
}

function Shows({ task }: { task: Task }) {
  const user = useSignal(account);
  const isMine = task.creator_id === user?.id;
  const isDone = task.status === "completed";
  const isManager = isMine || user?.roles.includes("admin") === true;
  // Managers see the attendance even if no member has a place, since members may have left after the work began.
  const canSeeAttendance = isManager
    ? task.assignees.length > 0 || task.starts_at !== null
    : placeOf(task, user?.id) !== undefined;
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
            <dd>
              <Folded count={task.assignees.length}>
                <ul>
                  {task.assignees.map((place) => (
                    <li key={place.user.id}>
                      <Person of={place.user} />
                    </li>
                  ))}
                </ul>
              </Folded>
            </dd>
          </>
        )}
        {task.repeats !== null && (
          <>
            <dt>{t("repeats")}</dt>
            <dd>{t(`repeats_${task.repeats}`)}</dd>
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
      {canSeeAttendance && <AttendancePart task={task} />}
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
  const { part, ...loading } = usePart(() => import("./comments.tsx"));
  return part ? <part.Comments type="task" id={task.id} /> : <PartMissing {...loading} />;
}

/** Loads the attendance separately, since few members see it. */
function AttendancePart({ task }: { task: Task }) {
  const { part, ...loading } = usePart(() => import("./attendance.tsx"));
  return part ? <part.Attendance task={task} /> : <PartMissing {...loading} />;
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
