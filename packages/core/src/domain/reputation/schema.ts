import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { MAX_CHARACTERS, MAX_SKILLS } from "./reputation.sql.ts";

export const Info = v.strictObject({
  user_id: Answer.uuid,
  reputation: v.pipe(
    v.nullable(
      v.strictObject({
        reputation_score: v.number(),
        tier: Answer.text(MAX_CHARACTERS.tier, "silver"),
        contributions_count: v.number(),
        vouches_received: v.number(),
        skills: Answer.boundedList(
          v.strictObject({ skill_id: Answer.text(MAX_CHARACTERS.skill_id, "drainage"), competence: v.number() }),
          MAX_SKILLS,
          400_000,
        ),
      }),
    ),
    v.description("What Markov computed; null for a member whose reputation was never known."),
  ),
  stale: v.pipe(v.boolean(), v.description("Markov could not be asked, and this is the last known value.")),
  age_seconds: v.pipe(v.nullable(Answer.integer(0)), v.description("Since Markov said so.")),
});
export type Info = Answer.Of<typeof Info>;
