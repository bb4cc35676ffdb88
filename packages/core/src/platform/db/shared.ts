import type { Redis } from "ioredis";

/** Runs a command on the Redis that processes share. @returns undefined if no Redis is configured or it does not answer */
type Ask = <T>(work: (redis: Redis) => Promise<T>) => Promise<T | undefined>;

let ask: Ask = async () => undefined;

/** Called by the cache when it is loaded, to pass its Redis: the cache imports the database, so the database cannot import the cache. */
export function shareThrough(other: Ask): void {
  ask = other;
}

/** Runs a command on the shared Redis. In a process that does not load the cache, the result is undefined. */
export const askShared: Ask = (work) => ask(work);
