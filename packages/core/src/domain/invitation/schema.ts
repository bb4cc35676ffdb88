import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { Person } from "../user/schema.ts";
import { INVITATION_STATUSES } from "./invitation.sql.ts";

export const Info = v.strictObject({
  id: Answer.uuid,
  email: v.pipe(v.nullable(Answer.email), v.description("Null once it is accepted or revoked.")),
  invited_by: v.pipe(v.nullable(Answer.uuid), v.description("Null for an invitation by the command line.")),
  inviter: v.nullable(Person),
  status: v.picklist(INVITATION_STATUSES),
  created_at: Answer.timestamp,
  expires_at: Answer.timestamp,
  accepted_at: v.nullable(Answer.timestamp),
  accepted_by: v.pipe(v.nullable(Answer.uuid), v.description("The member who registered with it.")),
  guest: v.pipe(v.nullable(Person), v.description("Who that is.")),
});
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);
