import { randomBytes } from "node:crypto";

interface Source {
  /** A number in [0, 1). */
  readonly fraction: () => number;
  /** So many hex digits, an even number. */
  readonly hex: (digits: number) => string;
}
const REAL: Source = {
  fraction: Math.random, // for jitter only
  hex: (digits) => randomBytes(digits / 2).toString("hex"),
};
let source = REAL;

/** A number in [0, 1), not for secrets. */
export const fraction = () => source.fraction();
/** So many random hex digits, an even number. */
export const hex = (digits: number) => source.hex(digits);

/** Replaces the source (simulation, which must be able to replay itself); undefined goes back to the real one. */
export function use(other: Source | undefined): void {
  source = other ?? REAL;
}

export * as Random from "./random.ts";
