/** One accepted or repeated delivery that Markov's double has received. All times are in milliseconds of one clock. */
export interface Delivery {
  readonly eventId: string;
  readonly atMs: number;
}

/** The kill of a process: which one, and when. */
export interface Kill {
  readonly part: string;
  readonly atMs: number;
}

/** A restart of a queue that lost its messages. The events of these messages were marked for publishing again. */
export interface QueueLoss {
  readonly atMs: number;
  readonly eventIds: ReadonlySet<string>;
}

/** Time within which a request that was in flight at the kill reaches the receiver. */
const IN_FLIGHT_MS = 1_000;

/** Causes of a repeated delivery, in the order in which they are checked. */
export const CAUSES = [
  "the queue lost its messages",
  "workers were killed",
  "the queue was killed",
  "PostgreSQL was killed",
  "the API was killed",
  "no kill in between",
] as const;
export type Cause = (typeof CAUSES)[number];

const PARTS: readonly (readonly [prefix: string, cause: Cause])[] = [
  ["workers", "workers were killed"],
  ["queue", "the queue was killed"],
  ["postgres", "PostgreSQL was killed"],
  ["api", "the API was killed"],
];

/**
 * Assigns exactly one cause to each repeated delivery: an incident between the previous delivery of the same event and
 * the repeated delivery. The counts add up to the number of duplicates.
 * @param deliveries all deliveries in order of arrival
 */
export function duplicatesByCause(
  deliveries: readonly Delivery[],
  kills: readonly Kill[],
  losses: readonly QueueLoss[],
): Record<Cause, number> {
  const counts: Record<Cause, number> = {
    "the queue lost its messages": 0,
    "workers were killed": 0,
    "the queue was killed": 0,
    "PostgreSQL was killed": 0,
    "the API was killed": 0,
    "no kill in between": 0,
  };
  const previous = new Map<string, number>();
  for (const { eventId, atMs } of deliveries) {
    const before = previous.get(eventId);
    previous.set(eventId, atMs);
    if (before !== undefined) counts[causeOf(eventId, before, atMs, kills, losses)] += 1;
  }
  return counts;
}

function causeOf(
  eventId: string,
  fromMs: number,
  toMs: number,
  kills: readonly Kill[],
  losses: readonly QueueLoss[],
): Cause {
  const isBetween = ({ atMs }: { readonly atMs: number }) => atMs >= fromMs - IN_FLIGHT_MS && atMs <= toMs;
  if (losses.some((loss) => isBetween(loss) && loss.eventIds.has(eventId))) return "the queue lost its messages";
  const killed = kills.filter(isBetween).map(({ part }) => part);
  const found = PARTS.find(([prefix]) => killed.some((part) => part.startsWith(prefix)));
  return found?.[1] ?? "no kill in between";
}
