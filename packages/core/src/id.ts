import { randomBytes } from "node:crypto";
import { v7 } from "uuid";

interface Source {
  /** A UUID v7. */
  readonly uuid: () => string;
  /** So many hex digits. */
  readonly hex: (digits: number) => string;
}
const REAL: Source = { uuid: () => v7(), hex: (digits) => randomBytes(digits / 2).toString("hex") };
let source = REAL;

/** A new UUID v7 (RFC 9562): 48 bits of milliseconds first, so that keys are time-ordered. */
export function uuid(): string {
  return source.uuid();
}

/** A new event id: `evt_` and 16 hex digits from 64 random bits. Never from a clock: two events in one millisecond must differ. */
export function event(): string {
  return `evt_${source.hex(16)}`;
}

/** Replaces the source of randomness (simulation, which must be able to replay itself); undefined goes back to the real one. */
export function use(other: Source | undefined): void {
  source = other ?? REAL;
}

export * as Id from "./id.ts";
