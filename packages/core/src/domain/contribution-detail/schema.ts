import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { EMBEDDED_EVIDENCE_MAX_BYTES, EMBEDDED_MAX_ITEMS, EMBEDDED_VOTES_MAX_BYTES } from "../../platform/bounds.ts";
import { Vote, entries } from "../contribution/schema.ts";
import * as Evidence from "../evidence/schema.ts";

/** A contribution with the first pages of its evidence and votes. */
export const Info = v.strictObject({
  ...entries,
  evidence: Answer.boundedList(Evidence.Info, EMBEDDED_MAX_ITEMS, EMBEDDED_EVIDENCE_MAX_BYTES),
  evidence_total: Answer.integer(0),
  evidence_next_cursor: Answer.nextCursor(
    "The `cursor` of the evidence list for the remaining pieces; null when all are here.",
    "WyJldmlkZW5jZSIsIjAxOThjMGRlIl0",
  ),
  evidence_version: v.pipe(
    Answer.sha256,
    v.description(
      "Changes with the evidence. Send it with a vote, which then counts only if the evidence has not changed.",
    ),
  ),
  verifications: Answer.boundedList(Vote, EMBEDDED_MAX_ITEMS, EMBEDDED_VOTES_MAX_BYTES),
  verifications_total: Answer.integer(0),
  verifications_next_cursor: Answer.nextCursor(
    "The `cursor` of the verification list for the remaining votes; null when all are here.",
    "WyJ2ZXJpZmljYXRpb25zIiwiMDE5OGMwZGUiXQ",
  ),
  quality_score: v.pipe(
    Answer.number(0, 1),
    v.description("Computed from the accepted evidence; fixed at the decision."),
  ),
  reputation_multiplier: v.pipe(Answer.number(1, 1.5), v.description("By the number of accepted evidence types.")),
});
export type Info = Answer.Of<typeof Info>;
