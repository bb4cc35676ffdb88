import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { REASONS } from "./kinds.ts";

export const Creation = v.strictObject({
  reason: v.picklist(REASONS, `must be one of ${REASONS.join(", ")}`),
  details: v.optional(Input.text(0, 2000)),
});

export * as ReportInput from "./input.ts";
