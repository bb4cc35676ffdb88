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
    v.description("As computed by Markov; null if it was never known."),
  ),
  stale: v.pipe(v.boolean(), v.description("Whether Markov did not answer and this is the last known value.")),
  age_seconds: v.pipe(v.nullable(Answer.integer(0)), v.description("Seconds since Markov returned it.")),
});
export type Info = Answer.Of<typeof Info>;
