import type { Slice } from "./slice.ts";

/** The slices of both programs of a comparison, in the order in which they ran: ours, the peer's, ours, … */
export interface Pairs {
  readonly name: string;
  readonly ours: readonly Slice[];
  readonly peer: readonly Slice[];
}

export interface Ratios {
  readonly name: string;
  readonly pairs: number;
  /** Our value divided by the peer's, as the median over all pairs of slices. */
  readonly requestsPerSecond: number;
  readonly cpu: number;
  readonly p95: number;
  readonly errors: number;
}

/** Measures both programs in turn; the first pair is a warm-up and does not count. */
export async function paired(
  name: string,
  rounds: number,
  ours: () => Promise<Slice>,
  peer: () => Promise<Slice>,
): Promise<Pairs> {
  const pairs = { name, ours: [] as Slice[], peer: [] as Slice[] };
  for (let round = 0; round <= rounds; round += 1) {
    const [a, b] = [await ours(), await peer()];
    if (round === 0) continue;
    pairs.ours.push(a);
    pairs.peer.push(b);
  }
  return pairs;
}

export function ratiosOf({ name, ours, peer }: Pairs): Ratios {
  const of = (value: (slice: Slice) => number) =>
    median(ours.map((slice, round) => value(slice) / value(peer[round] ?? slice)));
  return {
    name,
    pairs: ours.length,
    requestsPerSecond: of((slice) => slice.requestsPerSecond),
    cpu: of((slice) => slice.cpuMs),
    p95: of((slice) => slice.p95Ms),
    errors: [...ours, ...peer].reduce((sum, slice) => sum + slice.errors, 0),
  };
}

/** Returns the median. @throws Error for an empty list */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.ceil((sorted.length - 1) / 2)]];
  if (low === undefined || high === undefined) throw new Error("no values have no median");
  return (low + high) / 2;
}
