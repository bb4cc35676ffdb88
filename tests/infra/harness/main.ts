import { renameSync, writeFileSync } from "node:fs";
import { evaluate } from "./evaluate.ts";
import type { Evaluation } from "./resource.ts";
import { VARIANTS } from "./variants.ts";

// node main.ts <root> <file>: evaluates every variant of the configuration in <root>, into <file>.
const [root, file] = process.argv.slice(2);
if (root === undefined || file === undefined) throw new Error("usage: main.ts <root> <file>");
const evaluations: Evaluation[] = [];
for (const variant of VARIANTS) evaluations.push(await evaluate(root, variant));
writeFileSync(`${file}.part`, JSON.stringify(evaluations));
renameSync(`${file}.part`, file);
