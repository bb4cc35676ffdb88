import { setTimeout as timeout } from "node:timers/promises";
import { assertNoConnectionInUse } from "./db/scope.ts";

/** The only source of time for business rules. A simulation replaces it with {@link set}. */
let current: () => Date = () => new Date();
let wait: (ms: number) => Promise<void> = (ms) => timeout(ms);

/** The current time. */
export function now(): Date {
  return current();
}

/** Waits for `ms` milliseconds of this clock. */
export async function sleep(ms: number): Promise<void> {
  assertNoConnectionInUse("sleep");
  await wait(ms);
}

/** Replaces the clock of this process. @returns a function that restores the previous clock */
export function set(source: () => Date, waiting = wait): () => void {
  const former = { current, wait };
  [current, wait] = [source, waiting];
  return () => {
    ({ current, wait } = former);
  };
}

export * as Clock from "./clock.ts";
