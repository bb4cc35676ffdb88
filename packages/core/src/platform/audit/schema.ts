import * as v from "valibot";
import { Answer } from "../answer.ts";

export const Entry = v.strictObject({
  id: Answer.uuid,
  actor_id: v.pipe(v.nullable(Answer.uuid), v.description("Null for actions of the platform.")),
  action: Answer.text(100, "evidence.download"),
  target_type: Answer.text(100, "evidence"),
  target_id: Answer.text(100, "0198c0de-0000-7000-8000-000000000001"),
  details: Answer.freeObject("Further details."),
  request_id: Answer.text(128, "0198c0de-0000-7000-8000-000000000001"),
  created_at: Answer.timestamp,
});
export type Entry = Answer.Of<typeof Entry>;
export const EntryPage = Answer.page(Entry);
