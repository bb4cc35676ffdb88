import * as v from "valibot";
import { Answer } from "../../../platform/answer.ts";
import * as Evidence from "../../evidence/schema.ts";
import { CONTENT_TYPES } from "../../evidence/index.ts";
import { MAX_CHARACTERS } from "../../evidence/evidence.sql.ts";
import { OwnInfo } from "../../user/schema.ts";

const rows = (description: string) =>
  v.pipe(
    Answer.list(Answer.freeObject("A table row, with the names of its columns."), 1_000_000),
    v.description(description),
  );

export const File = v.pipe(
  v.strictObject({
    evidence_id: Answer.uuid,
    upload_id: Answer.uuid,
    file_name: Answer.text(MAX_CHARACTERS.file_name, "drain.jpg"),
    content_type: v.picklist(CONTENT_TYPES),
    size_bytes: Answer.integer(0),
    sha256: Answer.sha256,
    url: Answer.url,
    thumbnail_url: v.nullable(Answer.url),
    expires_at: Answer.timestamp,
  }),
  v.description(
    "A file of the member's own evidence, with a thumbnail if it is a decoded picture. The links are valid for 15 minutes.",
  ),
);
export type File = Answer.Of<typeof File>;

/** One part of the data that the platform stores about one member. */
export const Part = v.strictObject({
  generated_at: Answer.timestamp,
  user: OwnInfo,
  tasks_created: rows("Tasks that the member created."),
  task_assignments: rows("Tasks that were assigned to the member."),
  contributions: rows("Contributions of the member."),
  evidence: rows("Evidence that the member submitted."),
  evidence_received: Answer.list(Evidence.Info, 100_000),
  files: Answer.list(File, 100_000),
  uploads: rows("Uploads that the member requested."),
  avatars: rows("The member's profile pictures; the current one with its bytes in Base64."),
  witness_of: rows("Evidence that names the member as a witness."),
  verifications: rows("The member's votes."),
  verifications_received: rows("Votes on the member's contributions."),
  invitations: rows("Invitations that the member sent, and the one that they accepted."),
  vouches_given: rows("Vouches by the member."),
  vouches_received: rows("Vouches for the member."),
  comments: rows("Comments of the member, and the reasons that they gave."),
  notifications: rows("What the member was notified of."),
  notification_settings: rows("How the member wants to be notified; empty for a member who has chosen nothing."),
  push_subscriptions: rows("Devices that get pushes."),
  reports: rows("Reports by the member."),
  blocks: rows("Members whom the member has blocked."),
  reputation: v.nullable(Answer.freeObject("The last value read from Markov.")),
  sessions: rows("Start, renewals and end of sessions."),
  logins: rows("Each login with its time, end, kind of device and network."),
  second_factors: rows("When an authenticator app was enrolled."),
  events: rows("Events about the member's acts for Markov."),
  audit_log: rows("Entries of the audit log about the member."),
  next_cursor: v.pipe(v.nullable(Answer.cursor), v.description("The `cursor` of the next part; null on the last one.")),
});
export type Part = Answer.Of<typeof Part>;
