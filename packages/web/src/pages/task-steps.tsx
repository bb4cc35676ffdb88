import type { Contribution, Task } from "@gotong/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { act } from "../data/acts.ts";
import { account } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import { go } from "../router.ts";
import { t, when, type TextKey } from "../texts/index.ts";
import { Field, Form, textIn, useSubmit } from "../ui/form.tsx";
import { Sheet, say } from "../ui/parts.tsx";
import { Problem } from "../ui/problem.tsx";

interface Step {
  readonly operation: "claimTask" | "startTask" | "unassignTask" | "cannotCome" | "closeTask" | "cancelTask";
  readonly text: TextKey;
  readonly done: TextKey;
  readonly tone?: "second" | "bad";
  /** Question to confirm before the step. */
  readonly asks?: TextKey;
  /** Whether the member may give a reason, which becomes a comment on the task. */
  readonly takesReason?: true;
}

const CLAIM: Step = { operation: "claimTask", text: "claim", done: "claimed" };
const START: Step = { operation: "startTask", text: "start", done: "started" };
const CANNOT_COME: Step = {
  operation: "cannotCome",
  text: "cannot_come",
  done: "cannot_come_done",
  tone: "second",
  asks: "cannot_come_asks",
  takesReason: true,
};
const GIVE_BACK: Step = {
  operation: "unassignTask",
  text: "give_back",
  done: "given_back",
  tone: "second",
  asks: "give_back_asks",
  takesReason: true,
};
const TAKE_BACK: Step = {
  operation: "unassignTask",
  text: "take_back",
  done: "taken_back",
  tone: "second",
  asks: "take_back_asks",
  takesReason: true,
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
  takesReason: true,
};

/** A member's place in a task; undefined if they have none. */
export const placeOf = (task: Task, userId: string | undefined) =>
  task.assignees.find(({ user }) => user.id === userId);

/** The steps that the task's status allows this member. */
function stepsOf(task: Task, userId: string | undefined): readonly Step[] {
  const isMine = task.creator_id === userId;
  const place = placeOf(task, userId)?.status;
  const isTaken = ["assigned", "in_progress"].includes(task.status);
  const isForOne = task.people_needed === 1;
  const isShared = !isForOne && task.status === "open" && task.assignees.length > 0;
  return [
    ...(task.status === "open" && place === undefined ? [CLAIM] : []),
    ...(place === "assigned" ? [START, CANNOT_COME] : []),
    ...(place === "in_progress" ? [GIVE_BACK] : []),
    ...(isTaken && isMine && isForOne && place === undefined ? [TAKE_BACK] : []),
    ...(isMine && isShared ? [CLOSE] : []),
    ...(isMine && (task.status === "open" || isTaken) ? [CANCEL] : []),
  ];
}

/** The buttons for the member's next steps with the task. */
export function Steps({ task }: { task: Task }) {
  const user = useSignal(account);
  const submission = useSubmit();
  const [asked, setAsked] = useState<Step>();
  const place = placeOf(task, user?.id);
  const section = useRef<HTMLElement>(null);
  const hasActed = useRef(false);
  useEffect(() => {
    // A step of the member removes its button, and with the button the focus. Moves the focus to the next steps.
    const isLost = hasActed.current && document.activeElement === document.body;
    if (isLost) (section.current ?? document.querySelector<HTMLElement>("main"))?.focus();
    hasActed.current = false;
  }, [task.status, place?.status]);
  const path = { task_id: task.id };
  const perform = async (step: Step, reason?: string) => {
    const input = { path, ...(reason === undefined ? {} : { body: { reason } }) };
    const answer = await act({ operation: step.operation, input, label: step.text, about: task.title });
    hasActed.current = answer !== undefined;
    setAsked(undefined);
    say(t(answer ? step.done : "kept_for_later"));
  };
  const complete = () =>
    submission.run(async () => {
      const answer: Contribution | undefined = await act({
        operation: "completeTask",
        input: { path },
        label: "complete",
        about: task.title,
      });
      if (answer) go(`/contributions/${answer.id}`);
      else say(t("kept_for_later"));
    });
  const steps = stepsOf(task, user?.id);
  const canComplete = place?.status === "in_progress";
  if (steps.length === 0 && !canComplete && submission.error === undefined) return null;
  return (
    <section class="card" aria-label={t("next_step")} tabIndex={-1} ref={section}>
      {(place?.status === "assigned" || place?.status === "in_progress") && <p>{t(`hint_${place.status}`)}</p>}
      {task.creator_id === user?.id && task.status === "open" && place === undefined && <p>{t("hint_published")}</p>}
      {place?.status === "assigned" && place.claim_expires_at !== null && (
        <p>{t("claim_expires", { time: when(place.claim_expires_at) })}</p>
      )}
      <Problem error={submission.error} />
      {canComplete && (
        <button class="wide" type="button" aria-disabled={submission.isDisabled} onClick={() => void complete()}>
          {t("complete")}
        </button>
      )}
      {steps.map((step) => (
        <button
          key={step.text}
          type="button"
          class={`wide ${step.tone ?? ""}`}
          aria-disabled={submission.isDisabled}
          onClick={() => (step.asks ? setAsked(step) : void submission.run(() => perform(step)))}
        >
          {t(step.text)}
        </button>
      ))}
      {asked && <Confirmation step={asked} onConfirm={perform} onClose={() => setAsked(undefined)} />}
    </section>
  );
}

interface ConfirmationProps {
  readonly step: Step;
  readonly onConfirm: (step: Step, reason?: string) => Promise<void>;
  readonly onClose: () => void;
}

function Confirmation({ step, onConfirm, onClose }: ConfirmationProps) {
  const submission = useSubmit();
  return (
    <Sheet title={t(step.text)} onClose={onClose}>
      <p>{t(step.asks ?? "are_you_sure")}</p>
      <Form
        submission={submission}
        submitText={t(step.text)}
        draft={step.text}
        {...(step.tone === "bad" ? { tone: "bad" as const } : {})}
        onSubmit={(values) => onConfirm(step, textIn(values, "reason"))}
      >
        {step.takesReason && <Field name="reason" label={t("reason_optional")} rows={2} maxLength={500} />}
      </Form>
    </Sheet>
  );
}
