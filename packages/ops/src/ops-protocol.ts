import * as v from "valibot";
import { Input } from "@gotong/core/platform/input.ts";

/** What the command line asks of a stage's `ops` function: one step of a command. */
export const Request = v.strictObject({
  words: v.pipe(v.array(v.pipe(v.string(), Input.maxCharacters(10_000))), v.minLength(1), v.maxLength(40)),
  /** Of the step before. */
  cursor: v.optional(v.unknown()),
  /** The name that the operator's machine gives, for the audit log; CloudTrail has the identity that AWS checked. */
  operator: v.pipe(v.string(), Input.minCharacters(1), Input.maxCharacters(200)),
});
export type Request = v.InferOutput<typeof Request>;

const progress = v.array(v.string());
/** What it answers. */
export const Answer = v.variant("status", [
  v.object({ status: v.literal("done"), progress, text: v.string(), data: v.unknown() }),
  v.object({ status: v.literal("more"), progress, cursor: v.unknown() }),
  v.object({ status: v.literal("failed"), progress, message: v.string(), isUsage: v.boolean() }),
]);
export type Answer = v.InferOutput<typeof Answer>;
