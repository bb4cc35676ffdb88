import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { VERIFICATION_STATUSES } from "../contribution/contribution.sql.ts";
import { Vote } from "../contribution/schema.ts";

export const Result = v.strictObject({
  verification: Vote,
  verification_status: v.picklist(VERIFICATION_STATUSES),
});
export type Result = Answer.Of<typeof Result>;
