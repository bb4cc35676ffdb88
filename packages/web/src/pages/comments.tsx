import type { Comment } from "@gotong/client";
import { useEffect, useRef, useState } from "preact/hooks";
import { type WaitingAct, act, waiting } from "../data/acts.ts";
import { nowMs } from "../data/clock.ts";
import { useList } from "../data/read.ts";
import { account } from "../data/session.ts";
import { useSignal } from "../data/signal.ts";
import { ago, t } from "../texts/index.ts";
import { Field, Form, textIn, useSubmit } from "../ui/form.tsx";
import { Items, Sheet, say, showFocused } from "../ui/parts.tsx";
import { Person } from "../ui/person.tsx";
import { ReportButton } from "../ui/report.tsx";

interface CommentsProps {
  readonly type: "task" | "contribution";
  readonly id: string;
}

const MAX_CHARACTERS = 2000;
const EDITABLE_MS = 15 * 60_000;
/** A single page suffices for almost every conversation, so that a new comment appears at its end. */
const query = { limit: 100 };

/** The comments on a task or contribution. */
export function Comments(props: CommentsProps) {
  const { type, id } = props;
  const ofTask = useList("listTaskComments", type === "task" ? { path: { task_id: id }, query } : undefined);
  const ofContribution = useList(
    "listContributionComments",
    type === "contribution" ? { path: { contribution_id: id }, query } : undefined,
  );
  const list = type === "task" ? ofTask : ofContribution;
  const section = useRef<HTMLElement>(null);
  const unsent = useSignal(waiting).length;
  useEffect(() => {
    // A new comment pushes the form out of the window. Scrolls it back if it has the focus.
    if (section.current?.querySelector("form:focus-within")) showFocused();
  }, [list.value?.length, unsent]);
  return (
    <section class="stack" ref={section}>
      <h2>{t("comments")}</h2>
      <Items list={list} empty={t("comments_none")}>
        {(one) => <Shows comment={one} />}
      </Items>
      <Waiting {...props} />
      <Write {...props} />
    </section>
  );
}

function Shows({ comment }: { comment: Comment }) {
  const user = useSignal(account);
  const [isEdited, setEdited] = useState(false);
  const isMine = comment.author_id === user?.id;
  const canEdit = isMine && !comment.hidden && nowMs() - Date.parse(comment.created_at) < EDITABLE_MS;
  return (
    <article class="card">
      <div class="row between">
        <Person of={comment.author} />
        <span class="soft">
          {ago(comment.created_at)}
          {comment.edited_at !== null && ` · ${t("comment_edited")}`}
        </span>
      </div>
      {comment.kind !== "comment" && <span class="badge plain">{t(`comment_${comment.kind}`)}</span>}
      {comment.hidden && <p class="notice warn">{t("hidden_notice", { reason: comment.hidden.reason })}</p>}
      <p class="pre">{comment.text}</p>
      {canEdit && (
        <button class="link" type="button" onClick={() => setEdited(true)}>
          {t("change")}
        </button>
      )}
      {!isMine && <ReportButton type="comment" id={comment.id} />}
      {isEdited && <Edit comment={comment} onClose={() => setEdited(false)} />}
    </article>
  );
}

function Edit({ comment, onClose }: { comment: Comment; onClose: () => void }) {
  const submission = useSubmit();
  const save = async (values: FormData) => {
    const text = textIn(values, "text") ?? "";
    const input = { path: { comment_id: comment.id }, body: { text } };
    const saved = await act({ operation: "updateComment", input, label: "comment_edit", about: text });
    say(t(saved ? "saved" : "kept_for_later"));
    onClose();
  };
  return (
    <Sheet title={t("comment_edit")} onClose={onClose}>
      <Form submission={submission} submitText={t("save")} onSubmit={save} draft={comment.id}>
        <Field
          name="text"
          label={t("comment_label")}
          hint={t("comment_edit_hint")}
          value={comment.text}
          rows={4}
          maxLength={MAX_CHARACTERS}
          isRequired
        />
      </Form>
    </Sheet>
  );
}

const OPERATIONS = { task: "commentOnTask", contribution: "commentOnContribution" } as const;

/** Whether an act that waits for a network is a comment on this task or contribution. */
const isAbout = ({ operation, input, user, refusal }: WaitingAct, { type, id }: CommentsProps, userId: string) =>
  operation === OPERATIONS[type] &&
  user === userId &&
  refusal === undefined &&
  Reflect.get(Object(Reflect.get(Object(input), "path")), `${type}_id`) === id;

function Waiting(props: CommentsProps) {
  const user = useSignal(account);
  const acts = useSignal(waiting).filter((one) => isAbout(one, props, user?.id ?? ""));
  return (
    <>
      {acts.map((one) => (
        <div class="card" key={one.key}>
          <span class="badge warn">{t("comment_waiting")}</span>
          <p class="pre">{one.about}</p>
        </div>
      ))}
    </>
  );
}

function Write({ type, id }: CommentsProps) {
  const submission = useSubmit();
  const write = async (values: FormData) => {
    const text = textIn(values, "text") ?? "";
    const common = { label: "comment_label", about: text } as const;
    const body = { text };
    const done =
      type === "task"
        ? await act({ operation: "commentOnTask", input: { path: { task_id: id }, body }, ...common })
        : await act({ operation: "commentOnContribution", input: { path: { contribution_id: id }, body }, ...common });
    say(t(done ? "comment_sent" : "kept_for_later"));
  };
  return (
    <Form submission={submission} submitText={t("comment_send")} onSubmit={write} isCleared draft="comment">
      <Field
        name="text"
        label={t("comment_label")}
        hint={t("comment_hint")}
        rows={3}
        maxLength={MAX_CHARACTERS}
        isRequired
      />
    </Form>
  );
}
