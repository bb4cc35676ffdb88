import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { ROOT } from "../evaluate/evaluations.ts";
import type { Evaluation } from "../evaluate/resource.ts";
import type { Result } from "./apply.ts";
import type { Inputs } from "./call.ts";
import type { ResourceCall } from "./translate.ts";

const Link = v.object({ url: v.optional(v.string()), name: v.optional(v.string()) });
/**
 * Suffix that SST appends to resource names in an evaluation. `normalise.ts` removes it from the resources, but not
 * from the links of functions.
 */
const SUFFIX = "-waevafvr";

/**
 * Returns the calls that prepare a created stage for {@link runAct} on moto, the emulator of AWS. They disable its
 * triggers: the workers poll the queues as pods do, and moto would start the functions in containers. They remove the
 * policy of the bucket: the policy denies plain HTTP, and moto 5.2.5 denies every upload without evaluating the
 * condition.
 */
export function prepareAct({ resources }: Evaluation): ResourceCall[] {
  const act = (name: string, service: string, operation: string, params: Inputs): ResourceCall => ({
    id: `(act) ${name} ${operation}`,
    resource: "(act)",
    region: "us-east-1",
    service,
    operation,
    params,
  });
  return resources.flatMap(({ type, name, id, inputs }) => {
    if (type === "aws:lambda/eventSourceMapping:EventSourceMapping")
      return [act(name, "lambda", "UpdateEventSourceMapping", { uuid: id, enabled: false })];
    if (name === "EvidenceBucketPolicy") return [act(name, "s3", "DeleteBucketPolicy", { bucket: inputs["bucket"] })];
    return [];
  });
}

/**
 * Runs the scenario of `npm run demo`, from the registration of a member to a reputation from Markov, with the API and
 * all workers. It uses the bucket and the queues that were created on moto, instead of the embedded emulators. Their
 * names come from the links of the stage's functions.
 * @param results of the calls that created the stage
 * @throws Error when a step fails, or when no queue was created
 */
export async function runAct(evaluation: Evaluation, results: readonly Result[], endpoint: string): Promise<void> {
  const made = new Map(results.flatMap((result) => Object.entries(result.made ?? {})));
  const settings: Record<string, string> = {};
  for (const links of Object.values(evaluation.links))
    for (const [name, value] of Object.entries(links)) {
      const link = v.parse(Link, value);
      const queue = /^(\w+)Queue$/
        .exec(name)?.[1]
        ?.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_")
        .toUpperCase();
      if (queue !== undefined) settings[`${queue}_QUEUE_URL`] = made.get((link.url ?? "").replace(SUFFIX, "")) ?? "";
      if (name === "EvidenceBucket") settings["S3_BUCKET"] = (link.name ?? "").replace(SUFFIX, "");
    }
  const unmade = Object.entries(settings).filter(([, value]) => value === "");
  if (unmade.length > 0) throw new Error(`${unmade.map(([name]) => name).join(", ")}: not made`);
  const folder = mkdtempSync(join(tmpdir(), "gotong-act-"));
  const [port, markovPort, postgresPort] = [await freePort(), await freePort(), await freePort()];
  try {
    const child = spawn(process.execPath, [join(ROOT, "packages/local/src/demo.ts")], {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        LOCAL_DIR: folder,
        PORT: String(port),
        MARKOV_PORT: String(markovPort),
        POSTGRES_PORT: String(postgresPort),
        S3_ENDPOINT: endpoint,
        SQS_ENDPOINT: endpoint,
        S3_ACCESS_KEY: "local",
        S3_SECRET_KEY: "local-emulator",
        ...settings,
      },
    });
    await once(child, "close");
    if (child.exitCode !== 0) throw new Error(`the act failed on ${Object.keys(settings).join(", ")}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Returns an unused port below the range of outgoing connections, so that the kernel does not assign it in the
 * meantime.
 */
async function freePort(): Promise<number> {
  const server = createServer();
  try {
    server.listen(randomInt(20_000, 32_000), "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (typeof address === "object" && address !== null) return address.port;
  } catch {
    // The port is in use: the recursive call below tries another one.
  } finally {
    server.close();
  }
  return freePort();
}
