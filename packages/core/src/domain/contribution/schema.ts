import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { EMBEDDED_EVIDENCE_MAX_BYTES, EMBEDDED_MAX_ITEMS, EMBEDDED_VOTES_MAX_BYTES } from "../../platform/bounds.ts";
import * as Evidence from "../evidence/schema.ts";
import { hidden } from "../moderation/schema.ts";
import { Vote } from "../verification/schema.ts";
import { CONTRIBUTION_TYPES, MAX_CHARACTERS, VERIFICATION_STATUSES } from "./contribution.sql.ts";

const entries = {
  id: Answer.uuid,
  user_id: Answer.uuid,
  task_id: v.nullable(Answer.uuid),
  contribution_type: v.picklist(CONTRIBUTION_TYPES),
  title: Answer.text(MAX_CHARACTERS.title, "Cleared the drain"),
  description: v.nullable(Answer.text(MAX_CHARACTERS.description, "Before the rain came.")),
  skill_ids: Answer.skillIds,
  metadata: Answer.metadata,
  verification_status: v.picklist(VERIFICATION_STATUSES),
  created_at: Answer.timestamp,
  updated_at: Answer.timestamp,
  hidden,
};

export const Info = v.strictObject(entries);
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);

/** A contribution with the beginning of its evidence and votes. */
export const Detail = v.strictObject({
  ...entries,
  evidence: Answer.boundedList(Evidence.Info, EMBEDDED_MAX_ITEMS, EMBEDDED_EVIDENCE_MAX_BYTES),
  evidence_total: Answer.integer(0),
  evidence_next_cursor: Answer.nextCursor(
    "What to send as `cursor` to the list of evidence for the others; null when all are here.",
    "WyJldmlkZW5jZSIsIjAxOThjMGRlIl0",
  ),
  evidence_version: v.pipe(
    Answer.sha256,
    v.description("Changes with the evidence. Send it with a vote, which then counts only for what was seen."),
  ),
  verifications: Answer.boundedList(Vote, EMBEDDED_MAX_ITEMS, EMBEDDED_VOTES_MAX_BYTES),
  verifications_total: Answer.integer(0),
  verifications_next_cursor: Answer.nextCursor(
    "What to send as `cursor` to the list of verifications for the others; null when all are here.",
    "WyJ2ZXJpZmljYXRpb25zIiwiMDE5OGMwZGUiXQ",
  ),
  quality_score: v.pipe(Answer.number(0, 1), v.description("From all accepted evidence; fixed at the decision.")),
  reputation_multiplier: v.pipe(Answer.number(1, 1.5), v.description("By how many types of evidence were accepted.")),
});
export type Detail = Answer.Of<typeof Detail>;
