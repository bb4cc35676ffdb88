import * as v from "valibot";
import { assertNoConnectionInUse } from "@gotong/core/platform/db/scope.ts";
import { type Outcome, type Step, UsageError } from "./outcome.ts";
import { release } from "./release/command.ts";
import { stageOf } from "./tenant.ts";

const PREFIX = "gotong-royong-tenant-";
const Options = v.object({
  atOnce: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,2}$/, "--at-once must be a whole number"),
      v.transform(Number),
      v.minValue(1, "--at-once must be at least 1"),
    ),
    // One tenant at a time by default: SST writes the bundles of every stage to one folder, so an operator must
    // choose concurrent deployments from one checkout.
    "1",
  ),
  as: v.optional(v.string()),
  dryRun: v.optional(v.boolean(), false),
});

export interface Tenant {
  /** The name of the tenant's stage. */
  readonly stage: string;
  readonly version: string;
}

/** The programs and services that the commands about all tenants use. */
export interface Tenants {
  /** Returns the tenants of the account and region, found by their API functions. */
  all(): Promise<readonly Tenant[]>;
  /** Releases this commit to a tenant. */
  release(stage: string, options: Readonly<Record<string, unknown>>, step: Step): Promise<Outcome>;
}

/** `gotong tenant list` lists the tenants. */
export async function list(tenants?: Tenants): Promise<Outcome> {
  const all = await (tenants ?? awsTenants()).all();
  const rows = all.map(({ stage, version }) => `${stage}  ${version}\n`);
  return { text: `${rows.join("")}${all.length} tenants\n`, data: all };
}

/**
 * `gotong tenant upgrade [labels…]` releases this commit to tenants, a few at a time. Tests run once, for the first
 * tenant. After a failure no further tenant begins, and running releases finish.
 * @throws UsageError for an unknown label
 */
export async function upgrade(
  labels: readonly string[],
  given: unknown,
  step: Step,
  tenants: Tenants = awsTenants(),
): Promise<Outcome> {
  const parsed = v.safeParse(Options, given);
  if (!parsed.success) throw new UsageError(v.summarize(parsed.issues));
  const { atOnce, as, dryRun } = parsed.output;
  const all = (await tenants.all()).map(({ stage }) => stage);
  const chosen = labels.length === 0 ? all : labels.map(stageOf);
  const unknown = chosen.filter((stage) => !all.includes(stage));
  if (unknown.length > 0) throw new UsageError(`there is no tenant ${unknown.join(", ")} in this account and region`);
  const done: string[] = [];
  const failed: { stage: string; message: string }[] = [];
  const waiting = [...chosen];
  const options = { ...(as === undefined ? {} : { as }), dryRun };
  const one = async (stage: string, isTested: boolean) => {
    step.progress(`${stage}: begins, ${waiting.length} wait`);
    try {
      const named: Step = { ...step, progress: (line) => step.progress(`${stage}: ${line}`) };
      const { isAlarming, text } = await tenants.release(stage, { ...options, tested: isTested }, named);
      if (isAlarming === true) failed.push({ stage, message: text.trim() });
      else done.push(stage);
    } catch (error) {
      failed.push({ stage, message: error instanceof Error ? error.message : String(error) });
    }
  };
  // The first tenant is released alone: its release runs the tests, and a faulty commit affects only one community.
  const first = waiting.shift();
  if (first !== undefined) await one(first, false);
  const worker = async () => {
    while (failed.length === 0) {
      const stage = waiting.shift();
      if (stage === undefined) return;
      await one(stage, true);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const lines = [
    ...done.map((stage) => `${stage}: ${dryRun ? "checked" : "released"}`),
    ...failed.map(({ stage, message }) => `${stage}: ${message}`),
    ...waiting.map((stage) => `${stage}: not begun`),
  ];
  return { text: `${lines.join("\n")}\n`, data: { done, failed, waiting }, isAlarming: failed.length > 0 };
}

function awsTenants(): Tenants {
  return {
    async all() {
      const sdk = await import("@aws-sdk/client-lambda");
      const client = new sdk.LambdaClient({});
      assertNoConnectionInUse("lambda");
      const found: Tenant[] = [];
      for await (const { Functions = [] } of sdk.paginateListFunctions({ client }, {}))
        for (const { FunctionName = "", Environment } of Functions)
          if (FunctionName.startsWith(PREFIX) && FunctionName.endsWith("-api"))
            found.push({
              stage: FunctionName.replace(/^gotong-royong-/, "").replace(/-api$/, ""),
              version: Environment?.Variables?.["VERSION"] ?? "?",
            });
      return found.toSorted((left, right) => (left.stage < right.stage ? -1 : 1));
    },
    release: (stage, options, step) => release({ ...options, stage }, step),
  };
}
