import type { PGlite } from "@electric-sql/pglite";
import { sized } from "../../harness/size.ts";
import { WORKERS } from "./run.ts";
import { FAIR, World } from "./world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Interval between the acts on subjects whose events Markov accepts. Few acts, as in a quiet community. */
const EVERY = sized(30, 10) * MINUTE;
const HOURS = 76;
const REJECTED_SUBJECTS = ["contribution:a", "contribution:b", "contribution:c", "contribution:d"];
const REJECTED_PER_SUBJECT = 4;

export interface RejectionFigures {
  readonly healthy: number;
  readonly delivered: number;
  /** Maximum time from the act of a healthy event until its arrival, in seconds. */
  readonly longestSeconds: number;
  /** Number of healthy events that took longer than a minute. */
  readonly late: number;
  /**
   * Number of acceptable events that waited behind rejected events of their subject until they arrived, and the hour of
   * the last of these arrivals.
   */
  readonly behind: number;
  readonly behindHours: number;
  /** Number of events that Markov never accepts, and of those that were dead-lettered. */
  readonly rejected: number;
  readonly dead: number;
  /**
   * Age, in hours, at which the first rejected event was dead-lettered, and the smallest number of attempts of a
   * rejected event.
   */
  readonly deadAfterHours: number;
  readonly fewestAttempts: number;
}

/**
 * Simulates a quiet community in which Markov always answers 500 to the events of some subjects, and accepts all
 * others.
 * @param isForgetful whether each attempt is sent by a new process
 * @param isDeliveredByPods whether senders receive several events of a subject at once
 */
export async function simulateRejections(
  db: PGlite,
  isForgetful: boolean,
  isDeliveredByPods: boolean,
  seed = 1,
): Promise<RejectionFigures> {
  await World.prepare(db);
  const healthy = Array.from({ length: (HOURS * HOUR) / EVERY }, (_, n) => ({
    at: (n + 1) * EVERY,
    subject: `contribution:${n}`,
  }));
  // Each of these subjects has some events that are never accepted, followed by one acceptable event.
  const subjects = Array.from({ length: REJECTED_PER_SUBJECT + 1 }, () => REJECTED_SUBJECTS).flat();
  const rejected = subjects.map((subject, n) => ({ at: MINUTE + n * 100, subject }));
  const world = new World(
    seed,
    db,
    { ...FAIR, acts: [...healthy, ...rejected], isForgetful, isDeliveredByPods },
    WORKERS,
  );
  for (const subject of REJECTED_SUBJECTS) world.network.rejected.set(subject, REJECTED_PER_SUBJECT);
  try {
    await world.scheduler.run(2 * HOURS * HOUR);
    const sentAt = new Map(healthy.map(({ at, subject }) => [subject, at]));
    const waits = world.network.arrivals.map(({ at, subject }) => (at - (sentAt.get(subject) ?? at)) / 1000);
    const behind = world.network.arrivals.filter(({ subject }) => REJECTED_SUBJECTS.includes(subject));
    const dead = await world.rows(
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
      rejected: REJECTED_SUBJECTS.length * REJECTED_PER_SUBJECT,
      dead: dead.length,
      deadAfterHours: Math.min(...dead.map((row) => Number(row["hours"]))),
      fewestAttempts: Math.min(...dead.map((row) => Number(row["attempts"]))),
    };
  } finally {
    world.leave();
  }
}
