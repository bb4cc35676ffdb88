import * as v from "valibot";
import { CONTRIBUTION_TYPES } from "../../outbox/index.ts";
import { Answer } from "../../platform/answer.ts";
import { hidden } from "../hidden/schema.ts";
import { Person } from "../user/schema.ts";
import { MAX_CHARACTERS as VOTE_MAX_CHARACTERS, OUTCOMES } from "./verification.sql.ts";
import { MAX_CHARACTERS, VERIFICATION_STATUSES } from "./contribution.sql.ts";

export const entries = {
  id: Answer.uuid,
  user_id: Answer.uuid,
  user: Person,
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

/** A vote on a contribution. */
export const Vote = v.strictObject({
  id: Answer.uuid,
  verifier_id: Answer.uuid,
  verifier: Person,
  outcome: v.picklist(OUTCOMES),
  notes: v.nullable(Answer.text(VOTE_MAX_CHARACTERS.notes, "The pictures show it.")),
  created_at: Answer.timestamp,
});
export type Vote = Answer.Of<typeof Vote>;
export const VotePage = Answer.page(Vote);
