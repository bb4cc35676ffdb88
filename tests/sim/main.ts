import { parseArgs } from "node:util";
import { openDatabase } from "./database.ts";
import { run } from "./run.ts";

// node main.ts [--seeds 500] [--from 1]: runs that many seeds; --seeds 1 --from N replays one and prints what happened in it.
const { values } = parseArgs({
  options: { seeds: { type: "string", default: "500" }, from: { type: "string", default: "1" } },
});
const [seeds, from] = [Number(values.seeds), Number(values.from)];
const db = await openDatabase();
const total = { acts: 0, delivered: 0, duplicates: 0, kills: 0, steps: 0 };
const failing: number[] = [];
for (let seed = from; seed < from + seeds; seed += 1) {
  const result = await run(db, seed);
  total.acts += result.acts;
  total.delivered += result.delivered;
  total.duplicates += result.duplicates;
  total.kills += result.kills;
  total.steps += result.steps;
  if (result.broken.length > 0) {
    failing.push(seed);
    process.stdout.write(`seed ${seed}\n${result.broken.map((line) => `  ${line}\n`).join("")}`);
    process.stdout.write(`  replay: npm run test:sim -- --seeds 1 --from ${seed}\n`);
  }
  if (seeds === 1) process.stdout.write(`${result.history.join("\n")}\n`);
}
const figures = Object.entries(total).map(([name, value]) => `${value} ${name}`);
process.stdout.write(`${seeds} seeds: ${figures.join(", ")}; ${failing.length} seeds broke a promise\n`);
await db.close();
process.exitCode = failing.length > 0 ? 1 : 0;
