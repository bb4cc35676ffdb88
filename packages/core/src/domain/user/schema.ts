import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { ROLES } from "../../platform/actor.ts";
import { MAX_CHARACTERS } from "./user.sql.ts";

const entries = {
  id: Answer.uuid,
  username: Answer.text(MAX_CHARACTERS.username, "sari"),
  markov_user_id: Answer.text(100, "gotong_royong:0198c0de-0000-7000-8000-000000000001"),
  roles: Answer.list(v.picklist(ROLES), ROLES.length),
  bio: v.nullable(Answer.text(MAX_CHARACTERS.bio, "I repair bicycles.")),
  skill_ids: Answer.skillIds,
  created_at: Answer.timestamp,
};

export const Info = v.pipe(v.strictObject(entries), v.description("A member as others see them."));
export type Info = Answer.Of<typeof Info>;

export const OwnInfo = v.pipe(
  v.strictObject({
    ...entries,
    email: Answer.email,
    email_verified: v.pipe(v.boolean(), v.description("Whether the e-mail address is verified.")),
  }),
  v.description("The member's own account."),
);
export type OwnInfo = Answer.Of<typeof OwnInfo>;
