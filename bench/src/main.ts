// `npm run bench [-- lists|posts|… …] [--quick] [--rounds N] [--seconds N]` compares our platform, with all features
// enabled, with minimal peers.
// `npm run bench -- load [--minutes N] [--rate N]` sends 300 or N requests a second.
import { parseArgs } from "node:util";
import { cold } from "./cold.ts";
import { deliveries } from "./deliveries.ts";
import { type Size, lists, posts } from "./http.ts";
import { load } from "./load.ts";
import type { Pairs } from "./paired.ts";
import { pgbench } from "./pgbench.ts";
import { pictures } from "./pictures.ts";
import { report } from "./report.ts";
import { type Stage, openStage } from "./stage.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    minutes: { type: "string" },
    rate: { type: "string" },
  },
});
const size = {
  tasks: values.quick ? 10_000 : 100_000,
  rounds: Number(values.rounds ?? (values.quick ? 2 : 10)),
  sliceSeconds: Number(values.seconds ?? (values.quick ? 2 : 5)),
  events: values.quick ? 500 : 20_000,
};

/** Runs a part of the benchmark on a stage of its own, which is closed afterwards. */
const staged =
  (part: (stage: Stage, its: Size) => Promise<Pairs[]>) =>
  async (its: Size): Promise<Pairs[]> => {
    const stage = await openStage(its.tasks);
    try {
      return await part(stage, its);
    } finally {
      await stage.stop();
    }
  };
const loaded = staged(async (stage) => {
  const [minutes, rate] = [Number(values.minutes ?? (values.quick ? 0.1 : 10)), Number(values.rate ?? 300)];
  await load(stage, size.tasks, minutes, rate);
  return [];
});
const PARTS: Readonly<Record<string, (its: Size) => Promise<Pairs[]>>> = {
  lists: staged(lists),
  posts: staged(posts),
  pgbench: staged(pgbench),
  deliveries: staged(deliveries),
  cold,
  pictures,
  load: loaded,
};

const names = positionals.length > 0 ? positionals : Object.keys(PARTS);
const all: Pairs[] = [];
for (const name of names) {
  const part = PARTS[name];
  if (!part) throw new Error(`a part must be one of ${Object.keys(PARTS).join(", ")}, not ${name}`);
  all.push(...(await part(size)));
}
const work = `${size.tasks} tasks, 32 connections, slices of ${size.sliceSeconds} s or ${size.events} events`;
if (all.length > 0) report(all, [`${work}, medians; ours : peer.`]);
