import { createHash, randomBytes } from "node:crypto";
import { Clock } from "../clock.ts";
import { Db } from "../db/index.ts";
import { Log } from "../log.ts";
import { Metrics } from "../metrics/index.ts";
import { SharedRedis } from "./redis.ts";

const MEMORY_ENTRIES = 5_000;
/**
 * Upper limit of the length of all cached values in memory. Without this limit, pages of lists (10 KB and more each)
 * took most of a server's memory.
 */
const MEMORY_CHARACTERS = 8_000_000;
/** Length above which keys are hashed. Hashing every key took 3 % of a list's time. */
const KEY_CHARACTERS = 200;
/**
 * Lifetime of a namespace's version, which is a part of the keys of its cached lists. Longer than any cached list. If a
 * version is lost earlier, the lists are only loaded once more.
 */
const VERSION_SECONDS = 86_400;
/** Time for which lists are cached: a minute (platform.md, caching). */
const LIST_SECONDS = 60;

Db.shareThrough((work) => SharedRedis.ask(work));

const memory = new Map<string, { value: string; expiresAt: number }>();
let charactersInMemory = 0;
/** Loads in progress, by key. */
const loading = new Map<string, Promise<string>>();
/** Namespaces whose invalidation did not reach Redis. The invalidation is repeated before this process reads the namespace again. */
const pendingInvalidations = new Set<string>();

export interface Policy {
  /** How long a value is fresh. */
  readonly ttlSeconds: number;
  /** How much longer a stale value is served, while a new one is loaded or loading fails. */
  readonly staleSeconds?: number;
}

/** A cached value. It is a string, such as the JSON of a response, since parsing and serialising it again would cost more than the read. */
interface Entry {
  readonly at: number;
  readonly text: string;
}

const isShared = SharedRedis.isConfigured;

/** The cached string of `key`: from Redis if it is configured and answers, otherwise from the memory of this process. */
export async function get(key: string): Promise<string | undefined> {
  const found = await peek(key);
  const cache = key.split(":")[0] ?? "";
  if (found === undefined) Metrics.count("cache_misses_total", { cache });
  else Metrics.count("cache_hits_total", { cache });
  return found;
}

async function peek(key: string): Promise<string | undefined> {
  const answer = isShared() ? await SharedRedis.ask(async (redis) => ({ text: await redis.get(key) })) : undefined;
  if (answer) return answer.text ?? undefined;
  const entry = memory.get(key);
  return entry && entry.expiresAt > Clock.now().getTime() ? entry.value : undefined;
}

/** Caches `value` for `ttlSeconds`. A failure of the cache is not an error: the next reader loads the value again. */
export async function set(key: string, value: string, ttlSeconds: number): Promise<void> {
  keep(key, value, Clock.now().getTime() + ttlSeconds * 1000);
  if (isShared()) await SharedRedis.ask((redis) => redis.set(key, value, "EX", ttlSeconds));
}

function keep(key: string, value: string, expiresAt: number): void {
  drop(key); // re-inserted last, so that the first entry is the oldest
  memory.set(key, { value, expiresAt });
  charactersInMemory += value.length;
  for (const oldest of memory.keys()) {
    if (memory.size <= MEMORY_ENTRIES && charactersInMemory <= MEMORY_CHARACTERS) break;
    drop(oldest);
  }
}

function drop(key: string): void {
  charactersInMemory -= memory.get(key)?.value.length ?? 0;
  memory.delete(key);
}

/**
 * Returns the cached value of `key`, or the result of `load`, with one load at a time per key and process. Stale-while-revalidate: after
 * `ttlSeconds` the old value is served for up to `staleSeconds`, while a new value loads or while loading fails. Inside a transaction nothing
 * is cached or shared, since the data read there may never be committed.
 * @param key `namespace:…`; must include everything on which the value depends, including the reader's rights
 */
export async function remember(key: string, policy: Policy, load: () => Promise<string>): Promise<string> {
  const entry = newer(await get(key), memory.get(key)?.value);
  const ageSeconds = entry && (Clock.now().getTime() - entry.at) / 1000;
  if (entry && ageSeconds !== undefined && ageSeconds < policy.ttlSeconds) return entry.text;
  if (Db.isInTransaction()) return load();
  const fresh = loadOnce(key, policy, load);
  if (!entry) return fresh;
  fresh.catch((error: unknown) => Log.warn("a stale value is served", Log.describe(error)));
  return entry.text;
}

/** The newer of the entries in Redis and in memory: this process may have stored a newer value after Redis answered. */
function newer(shared: string | undefined, own: string | undefined): Entry | undefined {
  const entries = [shared, own].flatMap((stored) => (stored === undefined ? [] : (decode(stored) ?? [])));
  return entries.toSorted((a, b) => b.at - a.at)[0];
}

async function loadOnce(key: string, policy: Policy | undefined, load: () => Promise<string>): Promise<string> {
  const running =
    loading.get(key) ?? Db.outside(() => loadAndKeep(key, policy, load)).finally(() => loading.delete(key));
  loading.set(key, running);
  return running;
}

async function loadAndKeep(key: string, policy: Policy | undefined, load: () => Promise<string>): Promise<string> {
  const text = await load();
  const entry = encode({ at: Clock.now().getTime(), text });
  if (policy) await set(key, entry, policy.ttlSeconds + (policy.staleSeconds ?? 0));
  return text;
}

/**
 * Returns a list that is read much more often than it changes: cached for a minute, or until {@link invalidate}.
 * @param namespace of lists that become stale together, such as `tasks`
 * @param filter everything on which the list depends
 */
export async function list(
  namespace: string,
  filter: Readonly<Record<string, unknown>>,
  load: () => Promise<string>,
): Promise<string> {
  if (Db.isInTransaction()) return load();
  const version = await versionOf(namespace);
  // While the shared cache does not answer, this process cannot see invalidations by other processes, so it must not cache.
  if (version === undefined)
    return loadOnce(keyOf(namespace, `away ${memory.get(`version:${namespace}`)?.value}`, filter), undefined, load);
  return remember(keyOf(namespace, version, filter), { ttlSeconds: LIST_SECONDS }, load);
}

/** Invalidates all lists of `namespace`: at once, or after the commit of the current transaction. */
export async function invalidate(namespace: string): Promise<void> {
  await Db.afterCommit(async (committed) => {
    await Db.noteLists(namespace, committed);
    if (!(await renew(namespace))) pendingInvalidations.add(namespace);
  });
}

async function versionOf(namespace: string): Promise<string | undefined> {
  if (pendingInvalidations.has(namespace)) {
    if (!(await renew(namespace))) return undefined;
    pendingInvalidations.delete(namespace);
  }
  const key = `version:${namespace}`;
  const known = isShared() ? await SharedRedis.ask(async (redis) => ({ text: await redis.get(key) })) : undefined;
  if (isShared() && !known) return undefined;
  // If Redis has lost the version, invalidations by other processes are lost too: use a new version, not the one in memory.
  const kept = isShared() ? known?.text : memory.get(key)?.value;
  return kept ?? (await renew(namespace));
}

/**
 * Gives the lists of a namespace a new version, which invalidates all cached ones.
 * @returns the new version; undefined when Redis did not store it
 */
async function renew(namespace: string): Promise<string | undefined> {
  const [key, version] = [`version:${namespace}`, randomBytes(8).toString("hex")];
  keep(key, version, Number.POSITIVE_INFINITY);
  if (!isShared()) return version;
  const stored = await SharedRedis.ask((redis) => redis.set(key, version, "EX", VERSION_SECONDS));
  return stored === undefined ? undefined : version;
}

function keyOf(namespace: string, version: string, filter: Readonly<Record<string, unknown>>): string {
  const parts = JSON.stringify(Object.entries(filter).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const name = parts.length > KEY_CHARACTERS ? createHash("sha256").update(parts).digest("base64url") : parts;
  return `${namespace}:${version}:${name}`;
}

const encode = ({ at, text }: Entry) => `${at}\n${text}`;

/** @returns undefined for a string that {@link encode} did not write */
function decode(stored: string): Entry | undefined {
  const end = stored.indexOf("\n");
  const at = Number(stored.slice(0, end));
  return end < 1 || Number.isNaN(at) ? undefined : { at, text: stored.slice(end + 1) };
}

/** Whether Redis answers. False when no Redis is configured. */
export const ping = SharedRedis.ping;

/** Clears this process's cache and closes the Redis connection. */
export async function close(): Promise<void> {
  memory.clear();
  charactersInMemory = 0;
  loading.clear();
  pendingInvalidations.clear();
  await SharedRedis.close();
}

export * as Cache from "./cache.ts";
