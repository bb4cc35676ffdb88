import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { openDatabase } from "./database.ts";
import { outage } from "./outage.ts";
import { run } from "./run.ts";

// node main.ts [--seeds 500] [--from 1]: runs the given number of seeds; --seeds 1 --from N replays one and prints its
// history. node main.ts --outage 100000: simulates three days without Markov and the given number of events.
const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "500" },
    from: { type: "string", default: "1" },
    outage: { type: "string" },
  },
});
const NAMES = ["acts", "delivered", "duplicates", "kills", "steps", "failing"] as const;
/** Sums over seeds. A child process sends them to its parent. */
const Figures = v.object(v.entriesFromList(NAMES, v.number()));
type Figures = v.InferOutput<typeof Figures>;
const add = (a: Figures, b: Figures): Figures =>
  v.parse(Figures, Object.fromEntries(NAMES.map((name) => [name, a[name] + b[name]])));
const NONE: Figures = { acts: 0, delivered: 0, duplicates: 0, kills: 0, steps: 0, failing: 0 };

const [seeds, from] = [Number(values.seeds), Number(values.from)];
if (values.outage !== undefined) await runOutage(Number(values.outage));
else if (process.send) process.send(await runSeeds(seeds, from));
else await runOnAllCores();

/** Runs a part of the seeds in a separate process on each processor core, since seeds do not depend on each other. */
async function runOnAllCores(): Promise<void> {
  const processes = Math.min(availableParallelism(), seeds);
  const firsts = Array.from({ length: processes + 1 }, (_, index) => from + Math.floor((seeds * index) / processes));
  const runPart = (first: number, index: number) => runElsewhere((firsts[index + 1] ?? first) - first, first);
  const all = seeds === 1 ? [await runSeeds(seeds, from)] : await Promise.all(firsts.slice(0, -1).map(runPart));
  const { failing, ...total } = all.reduce(add, NONE);
  const figures = Object.entries(total).map(([name, value]) => `${value} ${name}`);
  process.stdout.write(`${seeds} seeds: ${figures.join(", ")}; ${failing} seeds broke a promise\n`);
  if (failing > 0) process.exitCode = 1;
}

/**
 * Runs seeds in a child process.
 * @throws Error when the child exits without its figures
 */
async function runElsewhere(count: number, first: number): Promise<Figures> {
  const child = fork(import.meta.filename, ["--seeds", String(count), "--from", String(first)]);
  return new Promise((resolve, reject) => {
    child.on("message", (figures) => resolve(v.parse(Figures, figures)));
    child.on("exit", (code) => reject(new Error(`seeds from ${first}: the process exited with ${code}`)));
  });
}

async function runSeeds(count: number, first: number): Promise<Figures> {
  const db = await openDatabase();
  let total = NONE;
  for (let seed = first; seed < first + count; seed += 1) {
    const result = await run(db, seed);
    total = add(total, { ...result, failing: result.broken.length > 0 ? 1 : 0 });
    if (result.broken.length > 0) {
      process.stdout.write(`seed ${seed}\n${result.broken.map((line) => `  ${line}\n`).join("")}`);
      process.stdout.write(`  replay: npm run long -- sim --seeds 1 --from ${seed}\n`);
    }
    if (!process.send && count === 1) process.stdout.write(`${result.history.join("\n")}\n`);
  }
  await db.close();
  return total;
}

async function runOutage(events: number): Promise<void> {
  const db = await openDatabase();
  const drain = await outage(db, events);
  await db.close();
  for (const [figure, value] of Object.entries(drain)) process.stdout.write(`${figure.padEnd(18)} ${value}\n`);
  const isWell = drain.lost === 0 && drain.dead === 0 && drain.outOfOrder === 0 && drain.mostInAMinute <= 1000;
  if (!isWell || drain.drainMinutes > events / 1000 + 10) process.exitCode = 1;
}
