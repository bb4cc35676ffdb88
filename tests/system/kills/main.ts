import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Log } from "@gotong/core/platform/log.ts";
import { CAUSES } from "./duplicates.ts";
import { run } from "./run.ts";

// node main.ts [--kills 200] [--events 20000]: kills the platform's processes under load and prints how many events were
// delivered, lost or repeated.
const { values } = parseArgs({
  options: { kills: { type: "string", default: "200" }, events: { type: "string", default: "20000" } },
});
const dir = mkdtempSync(join(tmpdir(), "gotong-kills-"));
Log.to(() => undefined);
// The first SIGINT stops the kills early and prints the result so far.
let isCut = false;
process.once("SIGINT", () => {
  isCut = true;
  process.once("SIGINT", () => process.exit(1));
});
process.once("SIGTERM", () => process.exit(1));
let said = 0;
const result = await run({
  dir,
  kills: Number(values.kills),
  events: Number(values.events),
  visibilitySeconds: 10,
  isSweptAtEnd: false,
  isCut: () => isCut,
  progress: (line) => {
    if (performance.now() < said + 10_000) return;
    said = performance.now();
    process.stdout.write(`${line}\n`);
  },
});
const kills = Object.values(result.kills).reduce((sum, count) => sum + count, 0);
const row = (name: string, value: string | number) => process.stdout.write(`  ${name.padEnd(44)} ${value}\n`);
process.stdout.write("\n");
for (const [name, count] of Object.entries(result.kills)) row(`killed: ${name}`, count);
row("  of these without its messages", result.queueLosses);
row("killed in all", isCut ? `${kills} (cut short)` : kills);
row("acts answered with success", result.answered);
row("events committed", result.committed);
row("events delivered", result.delivered);
row("lost", result.lost);
row("duplicates", `${result.duplicates} (${((100 * result.duplicates) / result.delivered).toFixed(2)} %)`);
for (const cause of CAUSES) row(`  ${cause}`, result.duplicatesByCause[cause]);
row("acts refused or unanswered, by status", JSON.stringify(result.failures));
row("seconds of load", result.loadSeconds);
row("seconds until all was recorded", result.drainSeconds);
for (const line of result.unexpected.slice(0, 10)) process.stdout.write(`  answered with 500: ${line}\n`);
for (const promise of result.broken) process.stdout.write(`BROKEN ${promise}\n`);
if (result.broken.length > 0) process.stdout.write(`The logs are in ${dir}\n`);
else rmSync(dir, { recursive: true, force: true });
process.exitCode = result.broken.length > 0 ? 1 : 0;
