import { eq } from "drizzle-orm";
import * as v from "valibot";
import { Cache } from "../cache/index.ts";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { Http } from "../delivery/http.ts";
import { markovUrl } from "../delivery/markov-url.ts";
import { Log } from "../log.ts";
import { User } from "../user/index.ts";
import { reputationCache } from "./reputation.sql.ts";

const FRESH_SECONDS = 300;
/** A member waits for this answer: Markov gets less time than for a webhook. */
const READ_TIMEOUT_MS = 3_000;

const Standing = v.object({
  reputation_score: v.number(),
  tier: v.string(),
  contributions_count: v.number(),
  vouches_received: v.number(),
  skills: v.array(v.object({ skill_id: v.string(), competence: v.number() })),
});
const Known = v.object({ reputation: v.nullable(Standing), fetched_at: v.string() });
type Known = v.InferOutput<typeof Known>;

export interface Info {
  readonly user_id: string;
  /** What Markov computed; null for a member whose reputation was never known. */
  readonly reputation: v.InferOutput<typeof Standing> | null;
  /** Whether Markov could not be asked and this is the last known value. */
  readonly stale: boolean;
  /** Seconds since Markov said so; null when it never did. */
  readonly age_seconds: number | null;
}

const fetching = new Map<string, Promise<Known>>();

/**
 * A member's reputation: from Markov, kept for 5 minutes; the last known one with `stale: true` when Markov is slow or down.
 * @throws AppError NOT_FOUND
 */
export async function get(userId: string): Promise<Info> {
  await User.get(userId);
  const key = `reputation:${userId}`;
  const cached = parse(await Cache.get(key));
  if (cached) return toInfo(userId, cached, false);
  try {
    return toInfo(userId, await once(userId, key), false);
  } catch (error) {
    Log.warn("reputation could not be read from Markov", Log.describe(error));
    return toInfo(userId, await lastKnown(userId), true);
  }
}

/** One question at a time for each member and process, however many ask. */
async function once(userId: string, key: string): Promise<Known> {
  // What others wait for must not run in a transaction that one of them may take back.
  if (Db.isInTransaction()) return fetchAndKeep(userId, key);
  const running = fetching.get(userId);
  if (running) return running;
  const started = fetchAndKeep(userId, key).finally(() => fetching.delete(userId));
  fetching.set(userId, started);
  return started;
}

async function fetchAndKeep(userId: string, key: string): Promise<Known> {
  const known = await ask(userId);
  await Cache.set(key, JSON.stringify(known), FRESH_SECONDS);
  if (known.reputation) await remember(userId, known);
  return known;
}

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
  if (answer.status === 404) return { reputation: null, fetched_at }; // Markov has never heard of this member
  if (answer.status !== 200) throw new Error(`status ${answer.status}`);
  return { reputation: v.parse(Standing, JSON.parse(answer.body)), fetched_at };
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
  const reputation = v.safeParse(Standing, row?.reputation);
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

export * as Reputation from "./index.ts";
