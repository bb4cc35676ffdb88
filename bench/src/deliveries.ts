import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { freePort } from "@gotong/local/ports.ts";
import type { Size } from "./http.ts";
import { type Pairs, paired } from "./paired.ts";
import type { Program } from "./program.ts";
import type { Slice } from "./slice.ts";
import type { Stage } from "./stage.ts";

const WARM_UP_EVENTS = 100;

/**
 * Delivers signed events from a full queue to a receiver, 64 at once, and compares our worker with BullMQ, pg-boss,
 * and plain signing and POST requests.
 */
export async function deliveries(stage: Stage, { events, rounds }: Size): Promise<Pairs[]> {
  const receiver = await stage.program("receiver", "receiver.ts");
  const own = {
    MARKOV_API_URL: receiver.url,
    GOTONG_ROYONG_WEBHOOK_SECRET: "of the bench, with thirty-two characters",
  };
  const queue = await stage.program("queue stub", "queue-stub.ts");
  const [worker, bare, twin, boss] = [
    await stage.worker("worker", { ...own, ...stage.queuesAt(queue.url) }),
    await stage.program("bare", "peers/bare-delivery.ts", own),
    await stage.program("bare again", "peers/bare-delivery.ts", own),
    await stage.program("pg-boss", "peers/pg-boss.ts", own),
  ];
  const ours = () => timed(queue, worker, events);
  const peer = (program: Program) => () => timed(program, program, events);
  for (const [from, program] of [[queue, worker] as const, ...[bare, twin, boss].map((each) => [each, each] as const)])
    await timed(from, program, WARM_UP_EVENTS);
  const pairs = [
    await paired("A/A: signing and POST alone, twice", rounds, peer(twin), peer(bare)),
    await paired("delivery : signing and POST alone", rounds, ours, peer(bare)),
    await paired("delivery : pg-boss", rounds, ours, peer(boss)),
  ];
  const redis = await startRedis();
  if (!redis) {
    process.stdout.write("BullMQ is left out: there is no redis-server here.\n");
    return pairs;
  }
  try {
    const bullmq = await stage.program("bullmq", "peers/bullmq.ts", { ...own, REDIS_URL: redis.url });
    return [...pairs, await paired("delivery : BullMQ", rounds, ours, peer(bullmq))];
  } finally {
    await redis.stop();
  }
}

/**
 * Delivers the given number of events.
 * @param from serves `/fill` and `/deliver`
 * @param program delivers the events, and its CPU time counts
 */
async function timed(from: Program, program: Program, events: number): Promise<Slice> {
  await ask(from, "fill", events);
  const [startedAt, cpuBefore] = [performance.now(), program.cpuSeconds()];
  await ask(from, "deliver", events);
  return {
    requestsPerSecond: (1000 * events) / (performance.now() - startedAt),
    cpuMs: (1000 * (program.cpuSeconds() - cpuBefore)) / events,
    p50Ms: Number.NaN,
    p95Ms: Number.NaN,
    p99Ms: Number.NaN,
    errors: 0,
    residentMegabytes: program.residentMegabytes(),
  };
}

async function ask(program: Program, path: string, events: number): Promise<void> {
  const answer = await fetch(`${program.url}/${path}?events=${events}`, { method: "POST" });
  if (!answer.ok) throw new Error(`${program.name} answered ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}

/** Starts Redis. @returns undefined if Redis is not installed */
async function startRedis() {
  if (spawnSync("redis-server", ["--version"]).status !== 0) return undefined;
  const port = await freePort();
  const child = spawn("redis-server", ["--port", String(port), "--bind", "127.0.0.1", "--save", ""], {
    stdio: "ignore",
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
  };
}
