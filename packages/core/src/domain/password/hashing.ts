import { AsyncLocalStorage } from "node:async_hooks";
import { Config } from "../../platform/config.ts";
import { AppError } from "../../platform/error.ts";

/** Retry time of rejected hashes: about the time that the smallest pod needs to empty a full queue. */
const RETRY_AFTER_SECONDS = 5;
/** Source of hashes without a client, such as those of the command line. */
const PLATFORM = "platform";

interface Waiter {
  start(): void;
  refuse(reason: AppError): void;
}

const source = new AsyncLocalStorage<string>();
/**
 * Waiting jobs by source, in round-robin order. `newcomers` contains sources without other jobs, which are served
 * first.
 */
const newcomers = new Map<string, Waiter>();
const waiting = new Map<string, Waiter[]>();
/** Running jobs by source. */
const running = new Map<string, number>();
let runningInAll = 0;
let queueLength = 0;

/** Counts every hash ({@link run}) that `work` requests towards the source `from`, the network of the request. */
export function forSource<T>(from: string, work: () => T): T {
  return source.run(from, work);
}

/**
 * Runs one password hash when its turn comes. Argon2 occupies a libuv thread for tens of milliseconds, and compression,
 * files and DNS share the same four threads; so `HASHING_CONCURRENCY` limits hashes to fewer than four, and further
 * ones wait here. Sources are served round-robin, new sources first, so that a source with many hashes delays only
 * itself. A source has at most `HASHING_QUEUE_PER_ADDRESS` waiting hashes. If all `HASHING_QUEUE_LENGTH` places are
 * taken, the last job of the source with the most jobs is evicted for a source with fewer.
 * @throws AppError UNAVAILABLE when there is no place in the queue
 */
export async function run<T>(work: () => Promise<T>): Promise<T> {
  const from = source.getStore() ?? PLATFORM;
  if (runningInAll < Config.section("hashing").HASHING_CONCURRENCY) begin(from);
  else await waitForTurn(from);
  try {
    return await work();
  } finally {
    end(from);
  }
}

function begin(from: string): void {
  runningInAll += 1;
  running.set(from, (running.get(from) ?? 0) + 1);
}

function end(from: string): void {
  runningInAll -= 1;
  const left = (running.get(from) ?? 0) - 1;
  if (left > 0) running.set(from, left);
  else running.delete(from);
  startNext();
}

function waitForTurn(from: string): Promise<void> {
  const { HASHING_QUEUE_LENGTH, HASHING_QUEUE_PER_ADDRESS } = Config.section("hashing");
  const isNew = !running.has(from) && !waiting.has(from) && !newcomers.has(from);
  const own = waiting.get(from) ?? [];
  const length = own.length + (newcomers.has(from) ? 1 : 0);
  const hasPlace = length < HASHING_QUEUE_PER_ADDRESS && (queueLength < HASHING_QUEUE_LENGTH || evict(length));
  if (!hasPlace) throw busy();
  queueLength += 1;
  return new Promise((start, refuse) => {
    const waiter = { start, refuse };
    if (isNew) newcomers.set(from, waiter);
    else waiting.set(from, [...own, waiter]);
  });
}

/** Gives the free thread to the next source. */
function startNext(): void {
  const [newcomer] = newcomers;
  const [known] = waiting;
  const [from, waiter] = newcomer ?? (known && [known[0], known[1][0]]) ?? [];
  if (from === undefined || waiter === undefined) return;
  if (newcomer) newcomers.delete(from);
  else {
    const others = waiting.get(from)?.slice(1) ?? [];
    waiting.delete(from);
    if (others.length > 0) waiting.set(from, others); // moves the source to the end of the order
  }
  queueLength -= 1;
  begin(from);
  waiter.start();
}

/**
 * Makes room in a full queue: evicts the last job of the source with the most waiting jobs, unless the new source would
 * then have at least as many.
 * @param others number of jobs of the new source that are waiting already
 * @returns whether a job was evicted
 */
function evict(others: number): boolean {
  let most: Waiter[] = [];
  for (const waiters of waiting.values()) if (waiters.length > most.length) most = waiters;
  if (most.length <= others + 1) return false;
  most.pop()?.refuse(busy());
  queueLength -= 1;
  return true;
}

const busy = () =>
  new AppError("UNAVAILABLE", {
    detail: "Too many passwords are being checked. Try again shortly.",
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });

export * as Hashing from "./hashing.ts";
