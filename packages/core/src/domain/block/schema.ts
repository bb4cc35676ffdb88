import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { Person } from "../user/schema.ts";
import { MAX_CHARACTERS } from "../user/user.sql.ts";

export const Info = v.pipe(
  v.strictObject({
    user_id: Answer.uuid,
    user: Person,
    username: Answer.text(MAX_CHARACTERS.username, "budi"),
    created_at: Answer.timestamp,
  }),
  v.description("A blocked member."),
);
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);
