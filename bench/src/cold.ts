import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import * as v from "valibot";
import { queueVariables } from "@gotong/local/aws.ts";
import { type Bundle, bundle } from "../../tests/system/bundle/bundle.ts";
import { urlEvent } from "../../tests/system/bundle/invoke.ts";
import type { Size } from "./http.ts";
import { type Pairs, paired } from "./paired.ts";
import type { Slice } from "./slice.ts";
import { SETTINGS } from "./settings.ts";

const run = promisify(execFile);
const Result = v.object({ status: v.number(), cpuMs: v.number() });
const WORKERS = ["deliveries", "breaker", "outcomes", "evidence", "sweep", "mail"] as const;

interface Start {
  readonly bundle: Bundle;
  readonly event: unknown;
  readonly status: number;
}

/**
 * Measures the CPU time of a function's import and of its first event, each run in a new process, and compares it with
 * a minimal Hono function. A worker gets an empty batch. No run has a compile cache, which has no effect here, or
 * connects to the database, since the connection takes the same time on both sides.
 */
export async function cold({ rounds }: Size): Promise<Pairs[]> {
  const made: Bundle[] = [];
  const of = async (entry: string) => {
    const one = await bundle(entry);
    made.push(one);
    return one;
  };
  try {
    const [hono, api] = [await of("bench/src/peers/hono-lambda.ts"), await of("packages/api/src/lambda.ts")];
    const get = (path: string) => urlEvent("GET", path);
    const live = { bundle: hono, event: get("/live"), status: 200 };
    const route = { bundle: hono, event: get("/v1/tasks"), status: 401 };
    const pairs = [
      await compare("A/A: cold start of a minimal Hono function, twice", rounds, live, live),
      await compare("cold start, GET /live : Hono", rounds, { ...live, bundle: api }, live),
      await compare("cold start, a route without a token : Hono", rounds, { ...route, bundle: api }, route),
    ];
    for (const name of WORKERS) {
      const worker = {
        bundle: await of(`packages/workers/src/${name}/lambda.ts`),
        event: { Records: [] },
        status: 200,
      };
      pairs.push(await compare(`cold start, worker ${name} : Hono`, rounds, worker, live));
    }
    return pairs;
  } finally {
    for (const one of made) one.remove();
  }
}

const compare = (name: string, rounds: number, ours: Start, peer: Start) =>
  paired(
    name,
    rounds,
    () => start(ours),
    () => start(peer),
  );

async function start({ bundle: { file }, event, status }: Start): Promise<Slice> {
  const args = [join(import.meta.dirname, "cold-run.mjs"), file, JSON.stringify(event)];
  const env = {
    ...SETTINGS,
    ...queueVariables("http://127.0.0.1:1"),
    S3_BUCKET: "bench",
    AWS_REGION: "us-east-1",
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    AWS_ACCESS_KEY_ID: "bench",
    AWS_SECRET_ACCESS_KEY: "bench",
    AWS_SESSION_TOKEN: "bench",
  };
  const { stdout } = await run(process.execPath, args, { env });
  const result = v.parse(v.pipe(v.string(), v.parseJson(), Result), stdout.trimEnd().split("\n").at(-1));
  if (result.status !== status) throw new Error(`${file} answered ${result.status}`);
  return { ...unmeasured, requestsPerSecond: 1000 / result.cpuMs, cpuMs: result.cpuMs };
}

/** Measurements that do not exist for a single run of a function, such as percentiles. */
export const unmeasured = {
  p50Ms: Number.NaN,
  p95Ms: Number.NaN,
  p99Ms: Number.NaN,
  errors: 0,
  residentMegabytes: Number.NaN,
};
