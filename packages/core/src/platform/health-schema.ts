import * as v from "valibot";
import { Answer } from "./answer.ts";

const CheckResult = v.picklist(["ok", "error", "disabled"]);
export type CheckResult = v.InferOutput<typeof CheckResult>;
const Checks = v.strictObject({ database: CheckResult, redis: CheckResult, s3: CheckResult, queue: CheckResult });
export type Checks = Answer.Of<typeof Checks>;

export const Live = v.strictObject({ status: v.pipe(v.literal("live"), v.metadata({ type: "string" })) });
export const Ready = v.strictObject({
  status: v.picklist(["ready", "not_ready", "draining"]),
  checks: v.exactOptional(Checks),
});
export const Health = v.strictObject({
  status: v.picklist(["healthy", "unhealthy"]),
  checks: Checks,
  version: Answer.text(100, "1.0.0"),
  stage: Answer.text(50, "production"),
  timestamp: Answer.timestamp,
});
