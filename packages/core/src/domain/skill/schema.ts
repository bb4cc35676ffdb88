import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { MAX_CHARACTERS } from "./skill.sql.ts";

export const Info = v.strictObject({
  id: Answer.uuid,
  name: Answer.text(MAX_CHARACTERS.name, "Drainage"),
  category: Answer.text(MAX_CHARACTERS.category, "Building"),
});
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);
