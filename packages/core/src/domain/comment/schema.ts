import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { hidden } from "../hidden/schema.ts";
import { Person } from "../user/schema.ts";
import { KINDS, MAX_CHARACTERS } from "../task/comment.sql.ts";

/** A comment, or the reason that a member gave for an act on a task. */
export const Info = v.strictObject({
  id: Answer.uuid,
  task_id: v.pipe(v.nullable(Answer.uuid), v.description("Null for a comment on a contribution.")),
  contribution_id: v.pipe(v.nullable(Answer.uuid), v.description("Null for a comment on a task.")),
  author_id: Answer.uuid,
  author: Person,
  kind: v.pipe(v.picklist(KINDS), v.description("`unassign` and `cancel`: the reason of that act.")),
  text: Answer.text(MAX_CHARACTERS.text, "Please bring gloves."),
  created_at: Answer.timestamp,
  edited_at: v.nullable(Answer.timestamp),
  hidden,
});
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);
