import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { VERIFICATION_STATUSES } from "../contribution/contribution.sql.ts";
import { MAX_CHARACTERS, OUTCOMES } from "./verification.sql.ts";

/** A vote on a contribution. */
export const Vote = v.strictObject({
  id: Answer.uuid,
  verifier_id: Answer.uuid,
  outcome: v.picklist(OUTCOMES),
  notes: v.nullable(Answer.text(MAX_CHARACTERS.notes, "The pictures show it.")),
  created_at: Answer.timestamp,
});
export type Vote = Answer.Of<typeof Vote>;
export const VotePage = Answer.page(Vote);

export const Result = v.strictObject({
  verification: Vote,
  verification_status: v.picklist(VERIFICATION_STATUSES),
});
export type Result = Answer.Of<typeof Result>;
