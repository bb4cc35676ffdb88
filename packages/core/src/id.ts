import { randomBytes } from "node:crypto";
import { v7 } from "uuid";

/** A new UUID v7 (RFC 9562): 48 bits of milliseconds first, so that keys are time-ordered. */
export function uuid(): string {
  return v7();
}

/** A new event id: `evt_` and 16 hex digits from 64 random bits. Never from a clock: two events in one millisecond must differ. */
export function event(): string {
  return `evt_${randomBytes(8).toString("hex")}`;
}

export * as Id from "./id.ts";
