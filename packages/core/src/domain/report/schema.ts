import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { Person } from "../user/schema.ts";
import { MAX_CHARACTERS, OUTCOMES, REASONS, REPORT_STATUSES, TARGET_TYPES } from "./kinds.ts";

const entries = {
  id: Answer.uuid,
  target_type: v.picklist(TARGET_TYPES),
  target_id: Answer.uuid,
  reason: v.picklist(REASONS),
  details: v.nullable(Answer.text(MAX_CHARACTERS.details, "The picture is of another place.")),
  status: v.picklist(REPORT_STATUSES),
  created_at: Answer.timestamp,
};

export const Info = v.pipe(v.strictObject(entries), v.description("A report as its reporter sees it."));
export type Info = Answer.Of<typeof Info>;

export const AdminInfo = v.pipe(
  v.strictObject({
    ...entries,
    reporter_id: Answer.uuid,
    reporter: Person,
    target_owner_id: v.pipe(Answer.uuid, v.description("The member whom the report is about.")),
    target_owner: Person,
    outcome: v.nullable(v.picklist(OUTCOMES)),
    note: v.nullable(Answer.text(MAX_CHARACTERS.note, "Spoke to both of them.")),
    resolved_by: v.pipe(
      v.nullable(Answer.uuid),
      v.description("Null while it is open, or if it ended with the deletion of the account."),
    ),
    resolved_at: v.nullable(Answer.timestamp),
  }),
  v.description("A report as admins see it."),
);
export type AdminInfo = Answer.Of<typeof AdminInfo>;
export const AdminInfoPage = Answer.page(AdminInfo);
