import * as v from "valibot";
import { Answer } from "../../../platform/answer.ts";
import * as Evidence from "../../evidence/schema.ts";
import { CONTENT_TYPES } from "../../evidence/file-rules.ts";
import { MAX_CHARACTERS } from "../../evidence/evidence.sql.ts";
import { OwnInfo } from "../../user/schema.ts";

const rows = (description: string) =>
  v.pipe(
    Answer.list(Answer.freeObject("A row; field names are those of the tables."), 1_000_000),
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
    "A file of the member's own evidence, and its thumbnail when it is a picture that was read. The links are good for 15 minutes.",
  ),
);
export type File = Answer.Of<typeof File>;

/** A part of everything that the platform holds about one member. */
export const Part = v.strictObject({
  generated_at: Answer.timestamp,
  user: OwnInfo,
  tasks_created: rows("Tasks of the member's making."),
  task_assignments: rows("Tasks that the member had."),
  contributions: rows("Their contributions."),
  evidence: rows("Evidence that they submitted."),
  evidence_received: Answer.list(Evidence.Info, 100_000),
  files: Answer.list(File, 100_000),
  uploads: rows("Files that they announced."),
  witness_of: rows("Where others named them as a witness."),
  verifications: rows("Their votes."),
  verifications_received: rows("Votes on their contributions."),
  invitations: rows("Invitations that they sent, and the one that they came by."),
  vouches_given: rows("Vouches for others."),
  vouches_received: rows("Vouches of others."),
  reports: rows("What they reported to the admins."),
  blocks: rows("Whom they have blocked."),
  reputation: v.nullable(Answer.freeObject("The last one that was read from Markov.")),
  sessions: rows("When sessions began, were renewed and ended."),
  logins: rows("Each login: when, until when, and from what kind of device and network."),
  second_factors: rows("Since when there is an authenticator app."),
  events: rows("What was told to Markov of their acts."),
  audit_log: rows("What was noted of them."),
  next_cursor: v.pipe(
    v.nullable(Answer.cursor),
    v.description("What to send as `cursor` for the next part; null on the last one."),
  ),
});
export type Part = Answer.Of<typeof Part>;
