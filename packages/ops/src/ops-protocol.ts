import * as v from "valibot";
import { Input } from "@gotong/core/platform/input.ts";

/** A request of the command line to a stage's `ops` function: one step of a command. */
export const Request = v.strictObject({
  words: v.pipe(v.array(v.pipe(v.string(), Input.maxCharacters(10_000))), v.minLength(1), v.maxLength(40)),
  /** The cursor that the previous step returned. */
  cursor: v.optional(v.unknown()),
  /**
   * The operator's name, as the operator's host states it, for the audit log. CloudTrail has the identity that AWS
   * verified.
   */
  operator: v.pipe(v.string(), Input.minCharacters(1), Input.maxCharacters(200)),
});
export type Request = v.InferOutput<typeof Request>;

const progress = v.array(v.string());
/** The response of the `ops` function. */
export const Answer = v.variant("status", [
  v.object({ status: v.literal("done"), progress, text: v.string(), data: v.unknown() }),
  v.object({ status: v.literal("more"), progress, cursor: v.unknown() }),
  v.object({ status: v.literal("failed"), progress, message: v.string(), isUsage: v.boolean() }),
]);
export type Answer = v.InferOutput<typeof Answer>;
