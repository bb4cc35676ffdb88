import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { type Pairs, paired } from "./paired.ts";
import type { Program } from "./program.ts";
import { type Side, slice } from "./slice.ts";
import type { Stage } from "./stage.ts";
import { type Request, firstPage, newContribution, randomPage } from "./work.ts";

export const CONNECTIONS = 32;
/** Number of pages that are compared before the measurement. */
const SAME_PAGES = 8;

export interface Size {
  readonly tasks: number;
  readonly rounds: number;
  readonly sliceSeconds: number;
  /** Number of deliveries in one slice. */
  readonly events: number;
}

/** Compares lists of tasks: random pages without the cache, and the first page with the cache. */
export async function lists(stage: Stage, { tasks, rounds, sliceSeconds }: Size): Promise<Pairs[]> {
  const [ours, fastify, twin, express] = [
    await stage.api("ours"),
    await stage.program("fastify", "peers/fastify.ts"),
    await stage.program("fastify again", "peers/fastify.ts"),
    await stage.program("express", "peers/express.ts"),
  ];
  const tokens = await stage.members(ours);
  await sameList(ours, [fastify, express], randomPage(tasks, tokens));
  const run = (side: Side) => () => slice(side, sliceSeconds, CONNECTIONS);
  const pages = (side: "ours" | "peer") => randomPage(tasks, side === "ours" ? tokens : []);
  return [
    await paired(
      "A/A: list, Fastify + pg twice",
      rounds,
      run({ program: twin, next: pages("peer") }),
      run({ program: fastify, next: pages("peer") }),
    ),
    await paired(
      "list of 20, random page : Fastify + pg",
      rounds,
      run({ program: ours, next: pages("ours") }),
      run({ program: fastify, next: pages("peer") }),
    ),
    await paired(
      "list of 20, random page : Fastify + pg, without people",
      rounds,
      run({ program: ours, next: pages("ours") }),
      run({ program: fastify, next: prefixed("/bare", pages("peer")) }),
    ),
    await paired(
      "list of 20, random page : Express + pg",
      rounds,
      run({ program: ours, next: pages("ours") }),
      run({ program: express, next: pages("peer") }),
    ),
    await paired(
      "list of 20, cached first page : Fastify + pg",
      rounds,
      run({ program: ours, next: firstPage(tokens) }),
      run({ program: fastify, next: firstPage([]) }),
    ),
  ];
}

const Page = v.object({ data: v.array(v.record(v.string(), v.unknown())) });

/** Checks that all programs respond to the same request with the same tasks. @throws Error if they do not */
async function sameList(ours: Program, peers: readonly Program[], next: () => Request): Promise<void> {
  for (let count = 0; count < SAME_PAGES; count += 1) {
    const { path, headers } = next();
    const read = async ({ url }: Program) =>
      v.parse(Page, await (await fetch(`${url}${path}`, { headers: { ...headers } })).json()).data;
    const expected = await read(ours);
    for (const peer of peers) {
      const actual = await read(peer);
      if (!isDeepStrictEqual(actual, expected))
        throw new Error(
          `${peer.name} and our API answer ${path} differently:\n${JSON.stringify(actual[0])}\n${JSON.stringify(expected[0])}`,
        );
    }
  }
}

/**
 * Compares the creation of contributions, each with an event. Our API publishes the events to a queue stub, which uses
 * almost no CPU time, and to the emulator.
 */
export async function posts(stage: Stage, { rounds, sliceSeconds }: Size): Promise<Pairs[]> {
  const queue = await stage.program("queue stub", "queue-stub.ts");
  const [free, emulated, fastify] = [
    await stage.api("ours, free queue", stage.queuesAt(queue.url)),
    await stage.api("ours, emulated queue"),
    await stage.program("fastify", "peers/fastify.ts", stage.queuesAt(queue.url)),
  ];
  const tokens = await stage.members(free);
  const run = (side: Side) => () => slice(side, sliceSeconds, CONNECTIONS);
  const afresh = async (...comparison: Parameters<typeof paired>) => {
    await stage.clear();
    return paired(...comparison);
  };
  const acts = (of: readonly string[]) => newContribution(of);
  const peer = { program: fastify, next: acts([]) };
  const published = { program: fastify, next: prefixed("/published", acts([])) };
  const atOnce = { program: fastify, next: prefixed("/at-once", acts([])) };
  return [
    await afresh(
      "POST, queue that costs nothing : Fastify + pg, 3 statements",
      rounds,
      run({ program: free, next: acts(tokens) }),
      run(peer),
    ),
    await afresh(
      "POST, emulated queue : Fastify + pg, 3 statements",
      rounds,
      run({ program: emulated, next: acts(tokens) }),
      run(peer),
    ),
    await afresh(
      "POST, queue that costs nothing : Fastify + pg, 3 statements, published with the AWS SDK",
      rounds,
      run({ program: free, next: acts(tokens) }),
      run(published),
    ),
    await afresh(
      "POST, queue that costs nothing : Fastify + pg, 1 statement",
      rounds,
      run({ program: free, next: acts(tokens) }),
      run(atOnce),
    ),
  ];
}

const prefixed =
  (prefix: string, next: () => Request): (() => Request) =>
  () => {
    const request = next();
    return { ...request, path: `${prefix}${request.path}` };
  };
