import { CONTENT_TYPES } from "@gotong/core/domain/evidence/file-rules.ts";
import { type Schema, free, list, moment, nullable, object, oneOf, ref, text, uuid, whole } from "./schema.ts";

export const sha256: Schema = {
  type: "string",
  pattern: "^[0-9a-f]{64}$",
  maxLength: 64,
  description: "SHA-256 as hex digits.",
};
const link: Schema = { type: "string", format: "uri", maxLength: 4_000 };
const rows = (description: string): Schema => ({
  ...list(free("A row; field names are those of the tables."), 1_000_000),
  description,
});

/** What a member gets of all that is kept about them. */
export const EXPORT_SCHEMAS: Readonly<Record<string, Schema>> = {
  Export: object({
    generated_at: moment,
    user: ref("OwnUser"),
    tasks_created: rows("Tasks of the member's making."),
    task_assignments: rows("Tasks that the member had."),
    contributions: rows("Their contributions."),
    evidence: rows("Evidence that they submitted."),
    evidence_received: list(ref("Evidence"), 100_000),
    files: list(ref("ExportedFile"), 100_000),
    uploads: rows("Files that they announced."),
    witness_of: rows("Where others named them as a witness."),
    verifications: rows("Their votes."),
    verifications_received: rows("Votes on their contributions."),
    invitations: rows("Invitations that they sent, and the one that they came by."),
    vouches_given: rows("Vouches for others."),
    vouches_received: rows("Vouches of others."),
    reports: rows("What they reported to the admins."),
    blocks: rows("Whom they have blocked."),
    reputation: { ...nullable(free("The last one that was read from Markov.")) },
    sessions: rows("When sessions began, were renewed and ended."),
    logins: rows("Each login: when, until when, and from what kind of device and network."),
    second_factors: rows("Since when there is an authenticator app."),
    events: rows("What was told to Markov of their acts."),
    audit_log: rows("What was noted of them."),
    next_cursor: {
      ...nullable({ type: "string", maxLength: 2_000 }),
      description: "What to send as `cursor` for the next part; null on the last one.",
    },
  }),
  ExportedFile: object(
    {
      evidence_id: uuid,
      upload_id: uuid,
      file_name: text(255, "drain.jpg"),
      content_type: oneOf(...CONTENT_TYPES),
      size_bytes: whole(0),
      sha256,
      url: link,
      thumbnail_url: nullable(link),
      expires_at: moment,
    },
    "A file of the member's own evidence, and its thumbnail when it is a picture that was read. The links are good for 15 minutes.",
  ),
};
