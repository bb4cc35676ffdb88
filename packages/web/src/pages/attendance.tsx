import type { Attendance as Row, Task } from "@gotong/client";
import { act, waiting } from "../data/acts.ts";
import { nowMs } from "../data/clock.ts";
import { useList } from "../data/read.ts";
import { account } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import { appointment, t } from "../texts/index.ts";
import { useSubmit } from "../ui/form.tsx";
import { Folded, Shown, say } from "../ui/parts.tsx";
import { Person } from "../ui/person.tsx";
import { Problem } from "../ui/problem.tsx";
import { placeOf } from "./task-steps.tsx";

/** Upper limit of rows: all members of the largest task, so that the page needs no paging. */
const query = { limit: 100 };

/**
 * The expected members of a task, and which of them came. Only the creator and admins see a member's number of
 * absences.
 */
export function Attendance({ task }: { task: Task }) {
  const list = useList("listAttendance", { path: { task_id: task.id }, query });
  const user = useSignal(account);
  const hasBegun = task.starts_at === null || Date.parse(task.starts_at) <= nowMs();
  const isManager = task.creator_id === user?.id || user?.roles.includes("admin") === true;
  const isOnTheSpot = ["in_progress", "completed"].includes(placeOf(task, user?.id)?.status ?? "");
  return (
    <Shown reading={list}>
      {(rows) =>
        rows.length > 0 && (
          <section class="stack">
            <h2>{t("attendance")}</h2>
            {isManager && (
              <p class="soft">
                {hasBegun || task.starts_at === null
                  ? t("attendance_hint")
                  : t("attendance_later", { time: appointment(task.starts_at) })}
              </p>
            )}
            <Folded count={lastOf(rows).length}>
              <ul class="stack">
                {lastOf(rows).map((row) => (
                  <li class="card" key={row.user.id}>
                    <Member
                      task={task}
                      row={row}
                      // Managers may mark all other members. A member with a begun or completed place may only mark
                      // others as present, and may not change an existing mark.
                      canMark={
                        hasBegun && row.user.id !== user?.id && (isManager || (isOnTheSpot && row.marked_by === null))
                      }
                      isManager={isManager}
                    />
                  </li>
                ))}
              </ul>
            </Folded>
          </section>
        )
      }
    </Shown>
  );
}

/** Keeps one row for each member. A member who gave a place back and claimed another has several rows, of which the last one is marked. */
const lastOf = (rows: readonly Row[]): readonly Row[] => [...new Map(rows.map((row) => [row.user.id, row])).values()];

interface MemberProps {
  readonly task: Task;
  readonly row: Row;
  readonly canMark: boolean;
  readonly isManager: boolean;
}

function Member({ task, row, canMark, isManager }: MemberProps) {
  const submission = useSubmit();
  const unsent = useUnsentMark(task.id, row.user.id);
  const wasPresent = unsent ?? row.was_present;
  const name = row.user.display_name ?? row.user.username;
  const mark = (was_present: boolean) =>
    submission.run(async () => {
      const input = { path: { task_id: task.id }, body: { user_id: row.user.id, was_present } };
      const answer = await act({ operation: "markAttendance", input, label: "mark_attendance", about: name });
      if (!answer) say(t("kept_for_later"));
    });
  return (
    <>
      <div class="row between">
        <Person of={row.user} />
        {wasPresent !== null && (
          <span class={`badge ${wasPresent ? "" : "warn"}`}>{t(wasPresent ? "came" : "absent")}</span>
        )}
      </div>
      {isManager && row.absences !== null && row.absences > 0 && (
        <p class="soft">{t("absences", { count: row.absences })}</p>
      )}
      {canMark && (
        <div class="row" role="group" aria-label={t("attendance_of", { name })}>
          {(isManager ? [true, false] : [true]).map((value) => (
            <button
              key={String(value)}
              type="button"
              class={wasPresent === value ? "" : "second"}
              aria-pressed={wasPresent === value}
              aria-disabled={submission.isDisabled}
              onClick={() => void mark(value)}
            >
              {t(value ? "came" : "absent")}
            </button>
          ))}
        </div>
      )}
      <Problem error={submission.error} />
    </>
  );
}

/** The last mark of a member that waits for the network. */
function useUnsentMark(taskId: string, userId: string): boolean | undefined {
  const marks = useSignal(waiting).flatMap(({ operation, input, user, refusal }) => {
    if (operation !== "markAttendance" || user !== account.value?.id || refusal !== undefined) return [];
    const [path, body]: object[] = ["path", "body"].map((key) => Object(Reflect.get(Object(input), key)));
    const isHere = Reflect.get(path ?? {}, "task_id") === taskId && Reflect.get(body ?? {}, "user_id") === userId;
    return isHere ? [Reflect.get(body ?? {}, "was_present") === true] : [];
  });
  return marks.at(-1);
}
