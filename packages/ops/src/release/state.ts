import * as v from "valibot";

/** In their order; `rollback` comes after a step that failed with the new version deployed, or by `gotong rollback`. */
export const STEPS = ["check", "migrate", "deploy", "smoke", "canary", "settle", "rollback", "done"] as const;
export type StepName = (typeof STEPS)[number];

const Version = v.pipe(v.string(), v.regex(/^\d{1,10}$/));

/** What a release knows so far; everything that a later process needs to go on. */
export const State = v.strictObject({
  /** Whether the API runs at an alias, and its traffic is shifted. */
  hasCanary: v.optional(v.boolean()),
  /** The version of the API that answered before. */
  former: v.optional(Version),
  /** The commit that was released before. */
  formerCommit: v.optional(v.string()),
  target: v.optional(Version),
  /** CodeDeploy's deployment. */
  shift: v.optional(v.string()),
  /** Executions that are kept warm once the shift is over. */
  provisioned: v.optional(v.number()),
  canaryMinutes: v.optional(v.number()),
  requestsPerMinute: v.optional(v.number()),
  application: v.optional(v.string()),
  group: v.optional(v.string()),
  migrations: v.optional(v.array(v.string())),
  failure: v.optional(v.string()),
  /** The former version answers again. */
  isBack: v.optional(v.boolean()),
});
export type State = v.InferOutput<typeof State>;

/** What a release was asked to do. */
export interface Order {
  readonly stage: string;
  readonly version: string;
  readonly commit: string;
  readonly operator: string;
  /** The tests of this commit have passed elsewhere. */
  readonly isTested: boolean;
  readonly acceptsLoss: boolean;
  /** Destructive migrations may be applied: the code that needed what they remove is gone. */
  readonly contracts: boolean;
}

export const ALIAS = "live";
/** What `sst deploy` wrote (infra/outputs.ts). */
export const Outputs = v.object({
  apiFunction: v.string(),
  targetVersion: v.optional(Version),
  provisionedConcurrency: v.optional(v.number(), 0),
  canary: v.optional(v.object({ minutes: v.number(), requestsPerMinute: v.number() })),
  deployApplication: v.optional(v.string()),
  deployGroup: v.optional(v.string()),
});
