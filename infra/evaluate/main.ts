import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { evaluate } from "./evaluate.ts";
import type { Evaluation } from "./resource.ts";
import { VARIANTS } from "./variants.ts";

// node main.ts <root> <file> [<variant> …] evaluates every variant, or the given ones, of the configuration in
// <root>, and writes the results to <file>. All variants take 55 s of CPU time, so a second process evaluates every
// second variant if the host has a second CPU.
const [root, file, ...ids] = process.argv.slice(2);
if (root === undefined || file === undefined) throw new Error("usage: main.ts <root> <file> [<variant> …]");
const wanted = VARIANTS.filter(({ id }) => ids.length === 0 || ids.includes(id));
const isShared = ids.length === 0 && availableParallelism() > 1;
const others = isShared ? wanted.filter((_, index) => index % 2 === 1) : [];
const helping = others.length === 0 ? undefined : help(root, `${file}.half`);
const evaluations: Evaluation[] = [];
for (const variant of wanted) if (!others.includes(variant)) evaluations.push(await evaluate(root, variant));
const all = [...evaluations, ...((await helping) ?? [])].toSorted(
  (a, b) => orderOf(a.variant.id) - orderOf(b.variant.id),
);
writeFileSync(`${file}.part`, JSON.stringify(all));
renameSync(`${file}.part`, file);

function orderOf(id: string): number {
  return wanted.findIndex((variant) => variant.id === id);
}

/**
 * Evaluates the variants `others` in a second process of this program.
 * @param into the file to which that process writes its results
 * @throws Error when that process fails; its error output has the reason
 */
async function help(from: string, into: string): Promise<Evaluation[]> {
  const self = [process.argv[1] ?? "", from, into, ...others.map(({ id }) => id)];
  const child = spawn(process.execPath, self, { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = await once(child, "exit");
  if (code !== 0) throw new Error("the second process of the evaluation failed");
  const half: Evaluation[] = JSON.parse(readFileSync(into, "utf8"));
  rmSync(into);
  return half;
}
