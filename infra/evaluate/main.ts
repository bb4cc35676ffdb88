import { renameSync, writeFileSync } from "node:fs";
import { evaluate } from "./evaluate.ts";
import type { Evaluation } from "./resource.ts";
import { VARIANTS } from "./variants.ts";

// node main.ts <root> <file> [<variant> …]: evaluates every variant, or those, of the configuration in <root>, into <file>.
const [root, file, ...ids] = process.argv.slice(2);
if (root === undefined || file === undefined) throw new Error("usage: main.ts <root> <file> [<variant> …]");
const evaluations: Evaluation[] = [];
for (const variant of VARIANTS)
  if (ids.length === 0 || ids.includes(variant.id)) evaluations.push(await evaluate(root, variant));
writeFileSync(`${file}.part`, JSON.stringify(evaluations));
renameSync(`${file}.part`, file);
