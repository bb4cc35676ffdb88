import * as v from "valibot";

/**
 * The steps of a release in their order. `rollback` follows a step that failed with the new version deployed, or is
 * started by `gotong rollback`.
 */
export const STEPS = ["check", "migrate", "deploy", "smoke", "canary", "settle", "rollback", "done"] as const;
export type StepName = (typeof STEPS)[number];

const Version = v.pipe(v.string(), v.regex(/^\d{1,10}$/));

/** The data of a release that a later process needs to continue it. */
export const State = v.strictObject({
  /** Whether the API has an alias whose traffic is shifted. */
  hasCanary: v.optional(v.boolean()),
  /** The version of the API that had the traffic before the release. */
  former: v.optional(Version),
  /** The commit of the release before this one. */
  formerCommit: v.optional(v.string()),
  target: v.optional(Version),
  /** The id of CodeDeploy's deployment. */
  shift: v.optional(v.string()),
  /** Provisioned concurrency that is set once the shift is complete. */
  provisioned: v.optional(v.number()),
  canaryMinutes: v.optional(v.number()),
  requestsPerMinute: v.optional(v.number()),
  application: v.optional(v.string()),
  group: v.optional(v.string()),
  migrations: v.optional(v.array(v.string())),
  failure: v.optional(v.string()),
  /** Whether the former version has the traffic again. */
  isBack: v.optional(v.boolean()),
});
export type State = v.InferOutput<typeof State>;

/** The parameters of a release. */
export interface Order {
  readonly stage: string;
  readonly version: string;
  readonly commit: string;
  readonly operator: string;
  /** Whether the tests of this commit have passed elsewhere. */
  readonly isTested: boolean;
  readonly acceptsLoss: boolean;
  /** Whether destructive migrations may be applied, since no deployed code needs the removed parts of the schema. */
  readonly contracts: boolean;
}

export const ALIAS = "live";
/** The outputs of `sst deploy` (infra/outputs.ts). */
export const Outputs = v.object({
  apiFunction: v.string(),
  targetVersion: v.optional(Version),
  provisionedConcurrency: v.optional(v.number(), 0),
  canary: v.optional(v.object({ minutes: v.number(), requestsPerMinute: v.number() })),
  deployApplication: v.optional(v.string()),
  deployGroup: v.optional(v.string()),
});
