import * as v from "valibot";

/** Dollars a month by stage and load, then by service, as in `tests/infra/snapshots/bills.json`. */
export const Figures = v.record(v.string(), v.record(v.string(), v.number()));
export type Figures = v.InferOutput<typeof Figures>;

export interface Change {
  readonly bill: string;
  readonly service: string;
  readonly before: number;
  readonly after: number;
}

const CENT = 0.005;

/** Returns the differences of at least a cent, the largest first. */
export function changesOf(before: Figures, after: Figures): Change[] {
  const bills = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...bills]
    .flatMap((bill) => {
      const services = new Set([...Object.keys(before[bill] ?? {}), ...Object.keys(after[bill] ?? {})]);
      return [...services].map((service) => ({
        bill,
        service,
        before: before[bill]?.[service] ?? 0,
        after: after[bill]?.[service] ?? 0,
      }));
    })
    .filter((one) => Math.abs(one.after - one.before) >= CENT)
    .toSorted((left, right) => Math.abs(right.after - right.before) - Math.abs(left.after - left.before));
}

export function printChanges(changes: readonly Change[]): string {
  if (changes.length === 0) return "the bills are the same\n";
  return changes
    .map(({ bill, service, before, after }) => {
      const sign = after > before ? "+" : "-";
      return `${bill}: ${service} ${sign}$${Math.abs(after - before).toFixed(2)} (from $${before.toFixed(2)} to $${after.toFixed(2)})\n`;
    })
    .join("");
}
