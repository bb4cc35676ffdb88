import type { PGlite } from "@electric-sql/pglite";
import { Random } from "@gotong/core/platform/random.ts";
import { breaker } from "@gotong/workers/breaker/process.ts";
import { deliveries } from "@gotong/workers/deliveries/process.ts";
import { FAIR, World } from "./world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Duration of the simulation before the outage begins. Events occur from its start until the end of the outage. */
const BEFORE = HOUR;
const EVENTS_OF_A_SUBJECT = 4;

export interface Drain {
  readonly events: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly dead: number;
  /** Number of attempts during the outage. */
  readonly attemptsInOutage: number;
  /** Minutes from the end of the outage until the last event was delivered. */
  readonly drainMinutes: number;
  readonly mostInAMinute: number;
  /** Maximum number of older events that one event overtook. */
  readonly mostPlacesEarly: number;
  readonly outOfOrder: number;
}

/** Simulates three days in which Markov fails while events continue, and measures the time until the queue is empty. */
export async function outage(db: PGlite, events: number, hours = 72, seed = 1): Promise<Drain> {
  const end = BEFORE + hours * HOUR;
  const world = new World(seed, db, { ...FAIR, outages: [{ from: BEFORE, until: end, how: "500" }] }, [
    deliveries,
    breaker,
  ]);
  const sentAt = new Map<string, number>();
  try {
    for (let n = 0; n < events; n += 1) {
      const at = Math.floor((end * n) / events);
      const id = `evt_${Random.hex(16)}`;
      sentAt.set(id, at);
      world.feed(at, id, `contribution:${Math.floor(n / EVENTS_OF_A_SUBJECT)}`, (n % EVENTS_OF_A_SUBJECT) + 1);
    }
    await world.scheduler.run(end + 3 * HOUR);
    return figures(world, sentAt, end);
  } finally {
    world.leave();
  }
}

function figures(world: World, sentAt: ReadonlyMap<string, number>, end: number): Drain {
  const first = new Map<string, number>();
  const sequences = new Map<string, number>();
  const turns = new Map([...sentAt.keys()].map((id, turn) => [id, turn]));
  let [mostPlacesEarly, outOfOrder] = [0, 0];
  for (const { eventId, at, subject, sequence } of world.network.arrivals) {
    if (first.has(eventId)) continue;
    first.set(eventId, at);
    if (sequence !== (sequences.get(subject) ?? 0) + 1) outOfOrder += 1;
    sequences.set(subject, sequence);
    mostPlacesEarly = Math.max(mostPlacesEarly, (turns.get(eventId) ?? 0) - first.size + 1);
  }
  const { attempts, arrivals } = world.network;
  const byMinute = Map.groupBy(attempts, (at) => Math.floor(at / MINUTE));
  return {
    events: sentAt.size,
    lost: sentAt.size - first.size,
    duplicates: arrivals.length - first.size,
    dead: world.queues.bodies("outcomes").filter((body) => body.includes('"result":"dead"')).length,
    attemptsInOutage: attempts.filter((at) => at >= BEFORE && at < end).length,
    drainMinutes: Math.ceil((most(first.values()) - end) / MINUTE),
    mostInAMinute: most([...byMinute.values()].map((own) => own.length)),
    mostPlacesEarly,
    outOfOrder,
  };
}

const most = (numbers: Iterable<number>) => [...numbers].reduce((best, number) => Math.max(best, number), 0);
