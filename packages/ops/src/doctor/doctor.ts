import * as v from "valibot";
import { lazy } from "@gotong/core/platform/lazy.ts";
import type { Outcome } from "../outcome.ts";

const here = lazy(() => import("./here.ts"));
const account = lazy(() => import("./account.ts"));

const Options = v.object({ aws: v.optional(v.boolean(), false), stage: v.optional(v.string()) });

/**
 * `gotong doctor` checks all services of this host's settings; with `--aws` it checks the account of a stage.
 * @throws UsageError for `--aws` without a stage; Error with AWS's message
 */
export async function doctor(given: unknown): Promise<Outcome> {
  const { aws, stage } = v.parse(Options, given);
  if (aws || stage !== undefined) return (await account()).examineAccount(stage);
  return (await here()).examineHere();
}
