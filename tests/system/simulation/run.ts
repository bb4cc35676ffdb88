import type { PGlite } from "@electric-sql/pglite";
import type { Worker } from "@gotong/workers/batch.ts";
import { breaker } from "@gotong/workers/breaker/process.ts";
import { deliveries } from "@gotong/workers/deliveries/process.ts";
import { outcomes } from "@gotong/workers/outcomes/process.ts";
import { sweep } from "@gotong/workers/sweep/process.ts";
import type { Outage } from "./network.ts";
import { broken } from "./properties.ts";
import { Random } from "./random.ts";
import { type Bug, type Weather, World } from "./world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
export const WORKERS: readonly Worker[] = [deliveries, breaker, outcomes, sweep];

export interface Run {
  readonly seed: number;
  readonly acts: number;
  readonly delivered: number;
  readonly duplicates: number;
  readonly kills: number;
  readonly steps: number;
  /** A sentence for each broken guarantee. */
  readonly broken: readonly string[];
  readonly history: readonly string[];
}

/** Chooses the acts and faults of a seed: from one crash in a day to an outage of three days. */
function weatherOf(seed: number): Weather {
  const random = new Random(seed);
  const often = (most: number) => (random.chance(0.6) ? random.next() * most : 0);
  const subjects = Array.from({ length: random.int(1, 6) }, () => `contribution:${random.hex(8)}`);
  const span = random.chance(0.5) ? 2 * MINUTE : 2 * HOUR;
  const acts = Array.from({ length: random.int(4, 24) }, () => ({
    at: random.int(0, span),
    subject: subjects[random.int(0, subjects.length - 1)] ?? "",
  }));
  const how = (["refuse", "hang", "500", "429", "401"] as const)[random.int(0, 4)] ?? "refuse";
  const length = random.chance(0.3) ? random.int(1, 70) * HOUR : random.int(1, 60) * MINUTE;
  const from = random.int(0, span);
  const outages: Outage[] = random.chance(0.5) ? [{ from, until: from + length, how }] : [];
  return {
    crashRate: often(0.03),
    throttleRate: often(0.1),
    duplicateRate: often(0.2),
    lossRate: often(0.3),
    commitFailureRate: often(0.1),
    outages,
    acts,
    limitPerMinute: random.chance(0.3) ? 20 : 1000,
    slownessMs: random.chance(0.2) ? random.int(500, 8000) : 0,
    isForgetful: random.chance(0.2),
    hasFewTriggers: random.chance(0.5),
    contributions: Array.from({ length: random.int(0, 12) }, () => random.int(0, span)),
    busyRate: often(0.3),
    isDeliveredByPods: random.chance(0.3),
  };
}

/** Runs one seed in a database that {@link World.prepare} empties first. */
export async function run(db: PGlite, seed: number, bug?: Bug): Promise<Run> {
  await World.prepare(db);
  const weather = weatherOf(seed);
  const world = new World(seed, db, weather, WORKERS, bug);
  try {
    const lastAct = Math.max(...weather.acts.map(({ at }) => at), ...weather.contributions);
    const over = Math.max(lastAct + 10 * MINUTE, ...weather.outages.map(({ until }) => until));
    await world.scheduler.run(over);
    world.calm();
    // The longest wait is an hour of backoff, and another hour if an attempt failed just before the end of the faults.
    await world.scheduler.run(over + 3 * HOUR);
    const statements = world.database.statements;
    await world.scheduler.run(over + 4 * HOUR);
    const idleStatements = world.database.statements - statements;
    const { arrivals } = world.network;
    const ids = arrivals.map(({ eventId }) => eventId);
    return {
      seed,
      acts: world.acknowledged.length + world.contributed.length,
      delivered: new Set(ids).size,
      duplicates: ids.length - new Set(ids).size,
      kills: world.scheduler.kills,
      steps: world.scheduler.steps,
      broken: await broken(world, weather, idleStatements),
      history: world.scheduler.history,
    };
  } finally {
    world.leave();
  }
}
