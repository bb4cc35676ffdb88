import { eq } from "drizzle-orm";
import * as v from "valibot";
import { Bulkhead, BulkheadFull } from "../../platform/bulkhead.ts";
import { Cache } from "../../platform/cache/index.ts";
import { CircuitBreaker } from "../../platform/circuit-breaker.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { Http, markovUrl } from "../../platform/http-client/index.ts";
import { Input } from "../../platform/input.ts";
import { Log } from "../../platform/log.ts";
import { User } from "../user/index.ts";
import { MAX_CHARACTERS, MAX_SKILLS, reputationCache } from "./reputation.sql.ts";
import type { Info } from "./schema.ts";
import { onReset } from "../../platform/reset.ts";

export type { Info } from "./schema.ts";

const FRESH_SECONDS = 300;
/** Timeout of a read, shorter than that of a webhook, since a member waits for the response. */
const READ_TIMEOUT_MS = 3_000;

const number = v.pipe(v.number(), v.finite());
const MarkovReputation = v.object({
  reputation_score: number,
  tier: v.pipe(v.string(), Input.maxCharacters(MAX_CHARACTERS.tier)),
  contributions_count: number,
  vouches_received: number,
  skills: v.pipe(
    v.array(
      v.object({ skill_id: v.pipe(v.string(), Input.maxCharacters(MAX_CHARACTERS.skill_id)), competence: number }),
    ),
    v.maxLength(MAX_SKILLS),
  ),
});
const Known = v.object({ reputation: v.nullable(MarkovReputation), fetched_at: v.string() });
type Known = v.InferOutput<typeof Known>;

/** Value that is cached in place of a reputation for a short time after a failed read. */
const FAILED = "failed";
/** Number of consecutive failures, over all members, that opens the circuit breaker. */
const FAILURES_TO_OPEN = 5;
/** Limits of the queue for reads: after `waitMs`, the caller gets the last known value instead. */
const QUEUE = { waiting: 100, waitMs: 1_000 };

const fetching = new Map<string, Promise<Known | undefined>>();
let [breaker, reads] = [new CircuitBreaker(FAILURES_TO_OPEN), new Bulkhead()];

/**
 * A member's reputation: from Markov, cached for 5 minutes; if Markov does not answer within 3 s, the last known one
 * with `stale: true`, or null. During an outage no request waits: after a failed read a member's reputation is not read
 * again for `REPUTATION_RETRY_SECONDS`, and after five consecutive failures the circuit breaker stops all reads until a
 * single one succeeds.
 * @throws AppError NOT_FOUND
 */
export async function get(userId: string): Promise<Info> {
  return Db.onReader(() => read(userId));
}

async function read(userId: string): Promise<Info> {
  await User.get(userId);
  const key = `reputation:${userId}`;
  const kept = await Cache.get(key);
  const known = parse(kept) ?? (kept === FAILED ? undefined : await fetchOnce(userId, key));
  return known ? toInfo(userId, known, false) : toInfo(userId, await lastKnown(userId), true);
}

/**
 * Runs one read at a time for each member and process. Concurrent requests share it, so it runs outside of the caller's
 * transaction.
 */
async function fetchOnce(userId: string, key: string): Promise<Known | undefined> {
  const running =
    fetching.get(userId) ?? Db.outside(() => fetchAndKeep(userId, key)).finally(() => fetching.delete(userId));
  fetching.set(userId, running);
  return running;
}

/**
 * Reads a reputation from Markov and stores it.
 * @returns undefined when Markov does not answer, or the circuit breaker is open
 */
async function fetchAndKeep(userId: string, key: string): Promise<Known | undefined> {
  if (breaker.isOpen(Clock.now().getTime())) return undefined;
  const known = await limited(() => askUnlessOpen(userId, key));
  if (!known) return undefined;
  await Cache.set(key, JSON.stringify(known), FRESH_SECONDS);
  if (known.reputation) await remember(userId, known);
  return known;
}

/** Limits concurrent reads, and thereby the number of requests that a slow Markov can delay. */
async function limited<T>(work: () => Promise<T>): Promise<T | undefined> {
  const inside = Config.section("reputation").REPUTATION_READS_AT_ONCE;
  const leave = await reads.enter({ inside, ...QUEUE }).catch((error: unknown) => {
    if (error instanceof BulkheadFull) return undefined;
    throw error;
  });
  try {
    return leave && (await work());
  } finally {
    leave?.();
  }
}

/** Checks the circuit breaker again, which may have opened while this read waited in the queue. */
async function askUnlessOpen(userId: string, key: string): Promise<Known | undefined> {
  if (!breaker.tryAcquire(Clock.now().getTime())) return undefined;
  try {
    const known = await ask(userId);
    breaker.succeeded();
    return known;
  } catch (error) {
    const retrySeconds = Config.section("reputation").REPUTATION_RETRY_SECONDS;
    breaker.failed(Clock.now().getTime(), retrySeconds * 1000);
    Log.warn("reputation could not be read from Markov", Log.describe(error));
    await Cache.set(key, FAILED, retrySeconds);
    return undefined;
  }
}

/** Returns to the state of a new process, for tests. */
export function reset(): void {
  [breaker, reads] = [new CircuitBreaker(FAILURES_TO_OPEN), new Bulkhead()];
}
onReset(reset);

async function ask(userId: string): Promise<Known> {
  const config = Config.section("reputation");
  const answer = await Http.send({
    method: "GET",
    url: markovUrl(config.MARKOV_API_URL, `/v1/users/gotong_royong:${userId}/reputation`),
    headers: {
      authorization: `Bearer ${config.MARKOV_API_TOKEN}`,
      accept: "application/json",
      "user-agent": "gotong-royong",
    },
    timeoutMs: READ_TIMEOUT_MS,
  });
  const fetched_at = Clock.now().toISOString();
  if (answer.status === 404) return { reputation: null, fetched_at }; // Markov does not know this member
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
  return { reputation: v.parse(MarkovReputation, JSON.parse(answer.body)), fetched_at };
}

async function remember(userId: string, known: Known): Promise<void> {
  const values = { reputation: known.reputation, fetchedAt: new Date(known.fetched_at) };
  await Db.use()
    .insert(reputationCache)
    .values({ userId, ...values })
    .onConflictDoUpdate({ target: reputationCache.userId, set: values });
}

async function lastKnown(userId: string): Promise<Known | undefined> {
  const [row] = await Db.use().select().from(reputationCache).where(eq(reputationCache.userId, userId));
  const reputation = v.safeParse(MarkovReputation, row?.reputation);
  return row && reputation.success
    ? { reputation: reputation.output, fetched_at: row.fetchedAt.toISOString() }
    : undefined;
}

function parse(text: string | undefined): Known | undefined {
  if (text === undefined) return undefined;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), Known), text);
  return result.success ? result.output : undefined;
}

function toInfo(userId: string, known: Known | undefined, stale: boolean): Info {
  const age = known && Math.max(0, Math.round((Clock.now().getTime() - Date.parse(known.fetched_at)) / 1000));
  return {
    user_id: userId,
    reputation: known?.reputation ?? null,
    stale: stale && known !== undefined,
    age_seconds: age ?? null,
  };
}

export * as Reputation from "./reputation.ts";
