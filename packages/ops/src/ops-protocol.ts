import * as v from "valibot";

/** What the command line asks of a stage's `ops` function: one step of a command. */
export const Request = v.strictObject({
  words: v.pipe(v.array(v.pipe(v.string(), v.maxLength(1000))), v.minLength(1), v.maxLength(40)),
  /** Of the step before. */
  cursor: v.optional(v.unknown()),
  /** Who says to have typed it, for the audit log; who it was for certain stands in CloudTrail. */
  operator: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
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
