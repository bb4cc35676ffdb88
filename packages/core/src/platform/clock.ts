import { setTimeout as timeout } from "node:timers/promises";
import { assertNoConnectionHeld } from "./db/scope.ts";

/** Where every rule that needs the time of day asks for it; a simulation replaces it with {@link set}. */
let current: () => Date = () => new Date();
let wait: (ms: number) => Promise<void> = (ms) => timeout(ms);

/** The present moment. */
export function now(): Date {
  return current();
}

/** Resolves after so many milliseconds of this clock. */
export async function sleep(ms: number): Promise<void> {
  assertNoConnectionHeld("sleep");
  await wait(ms);
}

/** Replaces the source of time for this process, and returns a function that puts the former one back. */
export function set(source: () => Date, sleeping = wait): () => void {
  const former = { current, wait };
  [current, wait] = [source, sleeping];
  return () => {
    ({ current, wait } = former);
  };
}

export * as Clock from "./clock.ts";
