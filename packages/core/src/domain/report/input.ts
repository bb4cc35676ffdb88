import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { MAX_CHARACTERS, REASONS } from "./kinds.ts";

export const Creation = v.strictObject({
  reason: v.picklist(REASONS, `must be one of ${REASONS.join(", ")}`),
  details: v.optional(Input.text(0, MAX_CHARACTERS.details)),
});

export * as ReportInput from "./input.ts";
