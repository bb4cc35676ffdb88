// `npm run bench [-- lists|posts …] [--quick] [--rounds N] [--seconds N]`: our API with everything on beside bare peers on the same database.
import { parseArgs } from "node:util";
import { type Size, lists, posts } from "./http.ts";
import type { Pairs } from "./paired.ts";
import { report } from "./report.ts";
import { type Stage, openStage } from "./stage.ts";

const PARTS: Readonly<Record<string, (stage: Stage, size: Size) => Promise<Pairs[]>>> = { lists, posts };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: "boolean", default: false }, rounds: { type: "string" }, seconds: { type: "string" } },
});
const size = {
  tasks: values.quick ? 10_000 : 100_000,
  rounds: Number(values.rounds ?? (values.quick ? 2 : 10)),
  sliceSeconds: Number(values.seconds ?? (values.quick ? 2 : 5)),
};
const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
const all: Pairs[] = [];
for (const name of names) {
  const part = PARTS[name];
  if (!part) throw new Error(`a part must be one of ${Object.keys(PARTS).join(", ")}, not ${name}`);
  const stage = await openStage(size.tasks);
  try {
    all.push(...(await part(stage, size)));
  } finally {
    await stage.stop();
  }
}
report(all, [`${size.tasks} tasks, 32 connections, slices of ${size.sliceSeconds} s, medians; ours : peer.`]);
