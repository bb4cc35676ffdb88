import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { Person } from "../user/schema.ts";
import { INVITATION_STATUSES, LINK_USES_MAX } from "./invitation.sql.ts";

export const Info = v.strictObject({
  id: Answer.uuid,
  email: v.pipe(v.nullable(Answer.email), v.description("Null for a link, and once it is accepted or revoked.")),
  invited_by: v.pipe(v.nullable(Answer.uuid), v.description("Null for an invitation by the command line.")),
  inviter: v.nullable(Person),
  kind: v.pipe(
    v.picklist(["mail", "link"]),
    v.description("Whether it was sent by mail, or is a link; also of a member who joined with a link."),
  ),
  uses_max: v.pipe(
    v.nullable(Answer.integer(1, LINK_USES_MAX)),
    v.description("How many members may join with this link; null for every other invitation."),
  ),
  uses: v.pipe(v.nullable(Answer.integer(0, LINK_USES_MAX)), v.description("How many have joined with this link.")),
  status: v.pipe(v.picklist(INVITATION_STATUSES), v.description("A link is accepted when all its uses are used up.")),
  created_at: Answer.timestamp,
  expires_at: Answer.timestamp,
  accepted_at: v.nullable(Answer.timestamp),
  accepted_by: v.pipe(v.nullable(Answer.uuid), v.description("The member who registered with it.")),
  guest: v.pipe(v.nullable(Person), v.description("Who that is.")),
});
export type Info = Answer.Of<typeof Info>;

/** A new invitation. The response for a link contains the token, which no later response contains. */
export const Created = v.strictObject({
  ...Info.entries,
  token: v.pipe(
    v.nullable(Answer.text(200, "dG9rZW4")),
    v.description("The token of a link, for `invitation` of a registration; shown only once. Null for a mail."),
  ),
  url: v.pipe(
    v.nullable(Answer.url),
    v.description("The link to pass on; null for a mail, and where `INVITATION_URL` is not set."),
  ),
});
export type Created = Answer.Of<typeof Created>;
export const InfoPage = Answer.page(Info);
