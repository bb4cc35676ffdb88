import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { ROLES } from "../../platform/actor.ts";
import { LANGUAGES, MAX_CHARACTERS } from "./user.sql.ts";

const named = {
  id: Answer.uuid,
  username: Answer.text(MAX_CHARACTERS.username, "sari"),
  display_name: v.pipe(
    v.nullable(Answer.text(MAX_CHARACTERS.display_name, "Ibu Sari")),
    v.description("The name to show; the username if it is null."),
  ),
  avatar_url: v.pipe(
    v.nullable(Answer.text(200, `/v1/avatars/${"9f86d081884c7d65".repeat(4)}`)),
    v.description(
      "The path of a square picture of 256 pixels, a WebP; it needs no access token. Null while the member has no picture, or an admin has hidden it.",
    ),
  ),
};

export const Person = v.pipe(
  v.strictObject({
    ...named,
    is_deleted: v.pipe(
      v.boolean(),
      v.description("Whether the account is deleted; its username is a placeholder then."),
    ),
  }),
  v.description("A member as answers name them beside an id."),
);
export type Person = Answer.Of<typeof Person>;
export const PersonPage = Answer.page(Person);

const entries = {
  ...named,
  markov_user_id: Answer.text(100, "gotong_royong:0198c0de-0000-7000-8000-000000000001"),
  roles: Answer.list(v.picklist(ROLES), ROLES.length),
  bio: v.nullable(Answer.text(MAX_CHARACTERS.bio, "I repair bicycles.")),
  location: v.pipe(
    v.nullable(Answer.text(MAX_CHARACTERS.location, "Kecamatan Coblong")),
    v.description("A place, as coarse as the member wrote it."),
  ),
  skill_ids: Answer.skillIds,
  created_at: Answer.timestamp,
};

export const Info = v.pipe(v.strictObject(entries), v.description("A member as others see them."));
export type Info = Answer.Of<typeof Info>;

export const OwnInfo = v.pipe(
  v.strictObject({
    ...entries,
    email: Answer.email,
    language: v.pipe(v.nullable(v.picklist(LANGUAGES)), v.description("Null if the member has chosen none.")),
    email_verified: v.pipe(v.boolean(), v.description("Whether the e-mail address is verified.")),
  }),
  v.description("The member's own account."),
);
export type OwnInfo = Answer.Of<typeof OwnInfo>;
