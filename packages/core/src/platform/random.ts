import { randomBytes } from "node:crypto";
import { onReset } from "./reset.ts";

interface Source {
  /** A number in [0, 1). */
  readonly fraction: () => number;
  /** The given number of hex digits, which must be even. */
  readonly hex: (digits: number) => string;
}
const REAL: Source = {
  fraction: Math.random, // not cryptographically random: used only for jitter
  hex: (digits) => randomBytes(digits / 2).toString("hex"),
};
let source = REAL;

/** A random number in [0, 1), not for secrets. */
export const fraction = () => source.fraction();
/** The given number of random hex digits, which must be even. */
export const hex = (digits: number) => source.hex(digits);

/** Replaces the source (for the simulation, which must be reproducible); undefined restores the real one. */
export function use(other: Source | undefined): void {
  source = other ?? REAL;
}
onReset(() => use(undefined));

export * as Random from "./random.ts";
