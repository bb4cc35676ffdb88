import { AsyncLocalStorage } from "node:async_hooks";
import { Config } from "../config.ts";
import { AppError } from "../error.ts";

/** The whole queue is worked off in about this time on the smallest pod. */
const RETRY_AFTER_SECONDS = 5;
/** Work that no client asked for, such as that of the command line, waits together. */
const PLATFORM = "platform";

interface Waiter {
  start(): void;
  refuse(reason: AppError): void;
}

const source = new AsyncLocalStorage<string>();
/** Those that wait, by source, the source whose turn it is first. */
const waiting = new Map<string, Waiter[]>();
let queueLength = 0;
let running = 0;

/** Counts every {@link run} inside of `work` towards `from`, which is the network that a request comes from. */
export function forSource<T>(from: string, work: () => T): T {
  return source.run(from, work);
}

/**
 * Runs one hashing of a password when its turn comes. Argon2 takes a thread of libuv for tens of milliseconds, and compression,
 * files and DNS need the same four threads: so hashing gets fewer than all of them (`HASHING_CONCURRENCY`), and what is more than
 * that waits here. The sources take turns, so that one that asks much waits for itself. A source has at most
 * `HASHING_QUEUE_PER_ADDRESS` waiting; when all `HASHING_QUEUE_LENGTH` places are taken, the last of the source with the most
 * gives way to one with fewer.
 * @throws AppError UNAVAILABLE when there is no place to wait
 */
export async function run<T>(work: () => Promise<T>): Promise<T> {
  await turn(source.getStore() ?? PLATFORM);
  try {
    return await work();
  } finally {
    passOn();
  }
}

async function turn(from: string): Promise<void> {
  const { HASHING_CONCURRENCY, HASHING_QUEUE_LENGTH, HASHING_QUEUE_PER_ADDRESS } = Config.section("hashing");
  if (running < HASHING_CONCURRENCY) {
    running += 1;
    return;
  }
  const own = waiting.get(from) ?? [];
  const hasPlace =
    own.length < HASHING_QUEUE_PER_ADDRESS && (queueLength < HASHING_QUEUE_LENGTH || makePlace(own.length));
  if (!hasPlace) throw busy();
  await new Promise<void>((start, refuse) => {
    own.push({ start, refuse });
    waiting.set(from, own);
    queueLength += 1;
  });
}

/** Hands the thread to the next source, or frees it. */
function passOn(): void {
  const [next] = waiting;
  if (!next) {
    running -= 1;
    return;
  }
  const [from, waiters] = next;
  const waiter = waiters.shift();
  waiting.delete(from);
  if (waiters.length > 0) waiting.set(from, waiters); // behind all others
  queueLength -= 1;
  waiter?.start();
}

/** Refuses the last waiter of the source with the most, where that is more than a source with `others` would have then. */
function makePlace(others: number): boolean {
  let most: Waiter[] = [];
  for (const waiters of waiting.values()) if (waiters.length > most.length) most = waiters;
  if (most.length <= others + 1) return false;
  most.pop()?.refuse(busy());
  queueLength -= 1;
  return true;
}

const busy = () =>
  new AppError("UNAVAILABLE", {
    detail: "Too many passwords are being checked now. Try again in a moment.",
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

export * as Hashing from "./hashing.ts";
