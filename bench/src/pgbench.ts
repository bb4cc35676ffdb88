import { execFile, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { unmeasured } from "./cold.ts";
import { CONNECTIONS, type Size } from "./http.ts";
import { type Pairs, paired } from "./paired.ts";
import { type Script, bareScript, listScript, ownScript } from "./pgbench-scripts.ts";
import { type Slice, slice } from "./slice.ts";
import type { Stage } from "./stage.ts";
import { type Request, newContribution, randomPage } from "./work.ts";

const run = promisify(execFile);
/** Number of connections of our server's pool, and of pgbench. */
const POOL = 10;

/**
 * Compares our API with pgbench, which sends statements and does nothing else: the limit of any server on this
 * PostgreSQL. Left out where pgbench is not installed.
 */
export async function pgbench(stage: Stage, { tasks, rounds, sliceSeconds }: Size): Promise<Pairs[]> {
  if (spawnSync("pgbench", ["--version"]).status !== 0) {
    process.stdout.write("pgbench is left out: it is not installed here (Debian: postgresql-contrib).\n");
    return [];
  }
  const queue = await stage.program("queue stub", "queue-stub.ts");
  const queues = stage.queuesAt(queue.url);
  const api = await stage.api("ours", queues);
  const tokens = await stage.members(api);
  const ours = (next: () => Request) => () => slice({ program: api, next }, sliceSeconds, CONNECTIONS);
  const limit = (name: string, script: Script) => () => transactions(stage, name, script, sliceSeconds);
  const list = limit("list", listScript(tasks));
  const bare = limit("bare", bareScript());
  const own = limit("own", await ownScript({ ...stage.variables, ...queues }, tokens));
  const afresh = async (...comparison: Parameters<typeof paired>) => {
    await stage.clear();
    return paired(...comparison);
  };
  return [
    await afresh("A/A: POST, pgbench twice", rounds, own, own),
    await paired("list of 20, random page : pgbench", rounds, ours(randomPage(tasks, tokens)), list),
    await afresh("POST : pgbench, our statements", rounds, ours(newContribution(tokens)), own),
    await afresh("POST : pgbench, 3 statements in a transaction", rounds, ours(newContribution(tokens)), bare),
  ];
}

/** Runs a script on all connections. @throws Error when a transaction fails */
async function transactions(stage: Stage, name: string, { text, variables }: Script, seconds: number): Promise<Slice> {
  const file = join(stage.dir, `${name}.pgbench`);
  writeFileSync(file, `${text}\n`);
  const values = Object.entries(variables).flatMap(([variable, value]) => ["-D", `${variable}=${value}`]);
  const size = ["-c", String(POOL), "-T", String(seconds)];
  // Disables JIT compilation, as our connections do (`pool.ts`).
  const env = { ...process.env, PGOPTIONS: "-c jit=off" };
  const { stdout } = await run("pgbench", ["-n", "-M", "prepared", ...size, "-f", file, ...values, stage.databaseUrl], {
    env,
  });
  const perSecond = Number(/^tps = ([\d.]+)/m.exec(stdout)?.[1]);
  if (Number.isNaN(perSecond)) throw new Error(`pgbench printed no rate:\n${stdout}`);
  return { ...unmeasured, requestsPerSecond: perSecond, cpuMs: Number.NaN };
}
