import { parseArgs } from "node:util";
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
const db = await openDatabase();
if (values.outage === undefined) await runSeeds(Number(values.seeds), Number(values.from));
else await runOutage(Number(values.outage));
await db.close();

async function runSeeds(seeds: number, from: number): Promise<void> {
  const total = { acts: 0, delivered: 0, duplicates: 0, kills: 0, steps: 0 };
  let failing = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const result = await run(db, seed);
    total.acts += result.acts;
    total.delivered += result.delivered;
    total.duplicates += result.duplicates;
    total.kills += result.kills;
    total.steps += result.steps;
    if (result.broken.length > 0) {
      failing += 1;
      process.stdout.write(`seed ${seed}\n${result.broken.map((line) => `  ${line}\n`).join("")}`);
      process.stdout.write(`  replay: npm run long -- sim --seeds 1 --from ${seed}\n`);
    }
    if (seeds === 1) process.stdout.write(`${result.history.join("\n")}\n`);
  }
  const figures = Object.entries(total).map(([name, value]) => `${value} ${name}`);
  process.stdout.write(`${seeds} seeds: ${figures.join(", ")}; ${failing} seeds broke a promise\n`);
  if (failing > 0) process.exitCode = 1;
}

async function runOutage(events: number): Promise<void> {
  const drain = await outage(db, events);
  for (const [figure, value] of Object.entries(drain)) process.stdout.write(`${figure.padEnd(18)} ${value}\n`);
  const isWell = drain.lost === 0 && drain.dead === 0 && drain.outOfOrder === 0 && drain.mostInAMinute <= 1000;
  if (!isWell || drain.drainMinutes > events / 1000 + 10) process.exitCode = 1;
}
