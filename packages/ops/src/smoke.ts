import * as v from "valibot";
import { assertNoConnectionInUse } from "@gotong/core/platform/db/scope.ts";
import { type Outcome, UsageError } from "./outcome.ts";
import { PROBES } from "./release/probe.ts";

const Options = v.object({ url: v.optional(v.string()) });
const WAIT_MS = 60_000;

/**
 * `gotong smoke --url <base URL>` sends the smoke test of a release to a running API over HTTP.
 * @throws UsageError without a URL
 */
export async function smoke(given: unknown): Promise<Outcome> {
  const { url } = v.parse(Options, given);
  if (url === undefined || !URL.canParse(url)) throw new UsageError("gotong smoke --url https://api.example.org");
  assertNoConnectionInUse("http");
  const answers = [];
  for (const [path, wanted] of PROBES) {
    const started = performance.now();
    const status = await fetch(new URL(path, url), { signal: AbortSignal.timeout(WAIT_MS), redirect: "error" }).then(
      (answer) => answer.status,
      () => 0,
    );
    answers.push({ path, status, wanted, milliseconds: Math.round(performance.now() - started) });
  }
  const problems = answers.filter(({ status, wanted }) => status !== wanted);
  const rows = answers.map(
    ({ path, status, wanted, milliseconds }) =>
      `${status === wanted ? "ok    " : "WRONG "} GET ${path}: ${status === 0 ? "no answer" : status}${status === wanted ? "" : `, not ${wanted}`}, ${milliseconds} ms\n`,
  );
  return { text: rows.join(""), data: { answers }, isAlarming: problems.length > 0 };
}
