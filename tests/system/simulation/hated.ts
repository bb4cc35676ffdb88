import type { PGlite } from "@electric-sql/pglite";
import { sized } from "../../harness/size.ts";
import { WORKERS } from "./run.ts";
import { FAIR, World } from "./world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Interval between acts on healthy subjects: a quiet community. */
const EVERY = sized(30, 10) * MINUTE;
const HOURS = 76;
const HATED = ["contribution:a", "contribution:b", "contribution:c", "contribution:d"];
const NEVER_TAKEN = 4;

export interface Quiet {
  readonly healthy: number;
  readonly delivered: number;
  /** Maximum time from the act of a healthy event until its arrival, in seconds. */
  readonly longestSeconds: number;
  /** Number of healthy events that took longer than a minute. */
  readonly late: number;
  /** Number of arrived events that were queued behind one that Markov never accepts, and the time of the last. */
  readonly behind: number;
  readonly behindHours: number;
  /** Number of events that Markov never accepts, and of those that were dead-lettered. */
  readonly hated: number;
  readonly dead: number;
  /** Age, in hours, at which the first of these events was dead-lettered, and the minimum number of attempts. */
  readonly deadAfterHours: number;
  readonly fewestAttempts: number;
}

/**
 * Simulates a quiet community in which Markov always answers 500 to the events of some subjects, and accepts all
 * others.
 * @param isForgetful whether each attempt is sent by a new process
 * @param isDeliveredByPods whether senders receive several events of a subject at once
 */
export async function quiet(db: PGlite, isForgetful: boolean, isDeliveredByPods: boolean, seed = 1): Promise<Quiet> {
  await World.prepare(db);
  const healthy = Array.from({ length: (HOURS * HOUR) / EVERY }, (_, n) => ({
    at: (n + 1) * EVERY,
    subject: `contribution:${n}`,
  }));
  // Each of these subjects has some events that are never accepted, followed by one acceptable event.
  const ofHated = Array.from({ length: NEVER_TAKEN + 1 }, () => HATED).flat();
  const hated = ofHated.map((subject, n) => ({ at: MINUTE + n * 100, subject }));
  const world = new World(seed, db, { ...FAIR, acts: [...healthy, ...hated], isForgetful, isDeliveredByPods }, WORKERS);
  for (const subject of HATED) world.network.hated.set(subject, NEVER_TAKEN);
  try {
    await world.scheduler.run(2 * HOURS * HOUR);
    const sentAt = new Map(healthy.map(({ at, subject }) => [subject, at]));
    const waits = world.network.arrivals.map(({ at, subject }) => (at - (sentAt.get(subject) ?? at)) / 1000);
    const behind = world.network.arrivals.filter(({ subject }) => HATED.includes(subject));
    const given = await world.rows(
      `select e.attempts, extract(epoch from f.failed_at - e.created_at) / 3600 as hours
       from webhook_failures f join webhook_events e on e.id = f.event_id`,
    );
    return {
      healthy: healthy.length,
      delivered: new Set(world.network.arrivals.map(({ eventId }) => eventId)).size,
      late: waits.filter((seconds) => seconds > 60).length,
      longestSeconds: Math.ceil(Math.max(...waits)),
      behind: behind.length,
      behindHours: Math.max(...behind.map(({ at }) => at / HOUR)),
      hated: HATED.length * NEVER_TAKEN,
      dead: given.length,
      deadAfterHours: Math.min(...given.map((row) => Number(row["hours"]))),
      fewestAttempts: Math.min(...given.map((row) => Number(row["attempts"]))),
    };
  } finally {
    world.leave();
  }
}
