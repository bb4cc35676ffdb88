/** The facts at the end of a run, from three sides: clients, database, receiver. */
export interface Facts {
  /** The ids by which {@link Load} identifies the acts that were answered with 2xx. */
  readonly answered: ReadonlySet<string>;
  /** The events in the outbox: id and status. */
  readonly committed: ReadonlyMap<string, string>;
  /** The first delivery of each event, in the order of arrival. */
  readonly arrivals: readonly Arrival[];
  /** Number of repeated deliveries, without those caused by a queue that lost its messages, which SQS does not. */
  readonly duplicates: number;
  /** Number of deliveries that the receiver rejected. */
  readonly refused: number;
  /** Processes that exited without being killed. */
  readonly crashes: readonly string[];
}

interface Arrival {
  readonly eventId: string;
  readonly mark: string;
  readonly subject: string;
  readonly sequence: number;
}

const DUPLICATES_LIMIT = 0.01;

/** Returns a sentence for each broken guarantee. */
export function broken(facts: Facts): string[] {
  const { answered, committed, arrivals } = facts;
  const marks = new Set(arrivals.map(({ mark }) => mark));
  const ids = new Set(arrivals.map(({ eventId }) => eventId));
  const list = (promise: string, found: readonly string[]) =>
    found.length === 0 ? [] : [`${promise}: ${found.length} (${found.slice(0, 3).join(", ")})`];
  return [
    ...list("answered with success and never delivered", without(answered, marks)),
    ...list("committed and never delivered", without(committed.keys(), ids)),
    ...list("delivered and never committed", without(ids, new Set(committed.keys()))),
    ...list(
      "delivered and not recorded as delivered",
      [...committed].filter(([id, status]) => ids.has(id) && status !== "delivered").map(([id]) => id),
    ),
    ...list("first deliveries out of order", outOfOrder(arrivals)),
    ...list("ended by itself", facts.crashes),
    ...(facts.refused > 0 ? [`refused by the receiver: ${facts.refused}`] : []),
    ...(facts.duplicates > arrivals.length * DUPLICATES_LIMIT
      ? [`more than 1 % duplicates: ${facts.duplicates} of ${arrivals.length}`]
      : []),
  ];
}

const without = (all: Iterable<string>, some: ReadonlySet<string>) => [...all].filter((one) => !some.has(one));

/** Finds arrivals out of order: within each subject, the sequence numbers must arrive as 1, 2, 3, … */
function outOfOrder(arrivals: readonly Arrival[]): string[] {
  const last = new Map<string, number>();
  return arrivals.flatMap(({ subject, sequence }) => {
    const before = last.get(subject) ?? 0;
    last.set(subject, sequence);
    return sequence === before + 1 ? [] : [`${subject}: ${before} then ${sequence}`];
  });
}
