import type { Redis } from "ioredis";

/** Runs a command on the Redis that processes share. @returns undefined where there is none or it does not answer */
type Ask = <T>(work: (redis: Redis) => Promise<T>) => Promise<T | undefined>;

let ask: Ask = async () => undefined;

/** The cache gives its Redis when it is loaded: it needs the database itself, so the database cannot import it. */
export function shareThrough(other: Ask): void {
  ask = other;
}

/** Asks the shared Redis; in a process without the cache there is none. */
export const askShared: Ask = (work) => ask(work);
