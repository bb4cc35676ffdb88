import { v7 } from "uuid";
import { Random } from "./random.ts";
import { onReset } from "./reset.ts";

const REAL = () => v7();
let makeUuid = REAL;

/** A new UUID v7 (RFC 9562): starts with 48 bits of milliseconds, so that keys are time-ordered. */
export function uuid(): string {
  return makeUuid();
}

/**
 * A new event id: `evt_` and 16 hex digits of 64 random bits. Never from a clock: two events in one millisecond must
 * differ.
 */
export function event(): string {
  return `evt_${Random.hex(16)}`;
}

/** Replaces the source of UUIDs (simulation); undefined restores the real one. */
export function use(other: (() => string) | undefined): void {
  makeUuid = other ?? REAL;
}
onReset(() => use(undefined));

export * as Id from "./id.ts";
