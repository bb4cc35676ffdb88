/** Facts at the end of a run, from three sides: clients, database, receiver. */
export interface Facts {
  /** Marks of the acts that were answered with 2xx. */
  readonly answered: ReadonlySet<string>;
  /** The outbox: event id and status. */
  readonly committed: ReadonlyMap<string, string>;
  /** First deliveries, in the order of arrival. */
  readonly arrivals: readonly Arrival[];
  /** Repeated deliveries, without those caused by a queue that lost its messages, which SQS does not. */
  readonly duplicates: number;
  /** Deliveries that the receiver refused. */
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

/** The promises that were broken, in words; empty when all is well. */
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

/** Within each subject the sequence numbers arrive as 1, 2, 3, … */
function outOfOrder(arrivals: readonly Arrival[]): string[] {
  const last = new Map<string, number>();
  return arrivals.flatMap(({ subject, sequence }) => {
    const before = last.get(subject) ?? 0;
    last.set(subject, sequence);
    return sequence === before + 1 ? [] : [`${subject}: ${before} then ${sequence}`];
  });
}
