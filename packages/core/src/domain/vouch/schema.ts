import * as v from "valibot";
import { WEIGHT_HINTS } from "../../outbox/index.ts";
import { Answer } from "../../platform/answer.ts";
import { Person } from "../user/schema.ts";
import { MAX_CHARACTERS } from "./vouch.sql.ts";

export const Info = v.strictObject({
  id: Answer.uuid,
  voucher_id: Answer.uuid,
  voucher: Person,
  vouchee_id: Answer.uuid,
  vouchee: Person,
  skill_id: v.pipe(v.nullable(Answer.uuid), v.description("Null for a general vouch.")),
  weight_hint: v.nullable(v.picklist(WEIGHT_HINTS)),
  message: v.nullable(Answer.text(MAX_CHARACTERS.message, "She keeps her word.")),
  created_at: Answer.timestamp,
});
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);
