import { type ChildProcess, fork } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { Measured, NOTHING, add, brokenLimits, measure } from "./measure.ts";

// node main.ts [--pictures 2000] [--results file] measures near-duplicates. It divides the pictures into parts and
// measures each part in its own process. It does not measure again a part whose results are in the file: an interrupted
// run continues, and several runs add up.
const { values } = parseArgs({
  options: {
    pictures: { type: "string", default: "2000" },
    results: { type: "string" },
    part: { type: "string" },
  },
});

/** Number of pictures that one process measures; it takes about two minutes on one processor core. */
const PART = 100;
/** The counts of one part, and the seed of its first picture. */
const Part = v.object({ first: v.number(), measured: Measured });
type Part = v.InferOutput<typeof Part>;

if (values.part !== undefined) {
  const first = Number(values.part);
  const measured = await measure(first, PART);
  process.send?.({ first, measured });
} else await runAll(Math.ceil(Number(values.pictures) / PART), values.results);

async function runAll(count: number, file: string | undefined): Promise<void> {
  const firsts = Array.from({ length: count }, (_, index) => 1 + index * PART);
  const done = new Map(resultsIn(file).map(({ first, measured }) => [first, measured]));
  const waiting = firsts.filter((first) => !done.has(first));
  const lane = async () => {
    for (let first = waiting.shift(); first !== undefined; first = waiting.shift()) {
      const begun = performance.now();
      const part = await runPart(first);
      done.set(first, part.measured);
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(part)}\n`);
      const seconds = Math.round((performance.now() - begun) / 1000);
      process.stdout.write(`pictures ${first} to ${first + PART - 1}: ${seconds} s ${JSON.stringify(part.measured)}\n`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  const total = firsts.map((first) => done.get(first) ?? NOTHING).reduce(add, NOTHING);
  process.stdout.write(`of ${total.pictures} pairs of each kind not found: ${JSON.stringify(total.missed)}\n`);
  process.stdout.write(`${total.alarms} false alarms in ${total.pairs} pairs\n`);
  const broken = brokenLimits(total);
  process.stdout.write(broken.map((line) => `${line}\n`).join(""));
  if (broken.length > 0) process.exitCode = 1;
}

function resultsIn(file: string | undefined): Part[] {
  if (file === undefined || !existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => v.parse(v.pipe(v.string(), v.parseJson(), Part), line));
}

/**
 * Measures a part in a child process.
 * @throws Error when the child exits without its counts
 */
async function runPart(first: number): Promise<Part> {
  const child: ChildProcess = fork(import.meta.filename, ["--part", String(first)]);
  return new Promise((resolve, reject) => {
    child.on("message", (part) => resolve(v.parse(Part, part)));
    child.on("exit", (code) => reject(new Error(`the part from ${first} exited with ${code}`)));
  });
}
