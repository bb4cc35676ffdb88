import type postgres from "postgres";
import * as v from "valibot";
import { Actor } from "../actor.ts";
import { Config } from "../config.ts";
import { Log } from "../log.ts";
import { Metrics } from "../metrics/index.ts";
import { onReset } from "../reset.ts";
import { type Pool, connect } from "./pool.ts";
import { scopes } from "./scope.ts";
import { askShared } from "./shared.ts";

// Reads from a replica. A replica shows a transaction for certain once the oldest transaction that it still sees running is a later one
// (`pg_snapshot_xmin`): ids of transactions need neither clocks nor positions in the log, and Aurora has them as PostgreSQL does. Redis
// has the id of the last write of each member, of each cached list, and of one write in ten seconds of the whole stage.

/** A member would rather wait for the primary. */
const CONNECT_SECONDS = 2;
/** How long a replica that failed is not asked. */
const AWAY_MS = 30_000;
/** Longer than any replica lags: Aurora restarts one that lags for a minute. */
const KEPT_SECONDS = 3600;
/** How old what a replica shows may be for members who have written nothing. */
const SAMPLE_SECONDS = 10;

const SAMPLE = "written:sample";
const memberKey = (): string[] => {
  const actor = Actor.current();
  return actor.type === "member" ? [`written:member:${actor.userId}`] : [];
};
const listKey = (lists: string) => `written:list:${lists}`;

let pool: Promise<Pool> | undefined;
let awayUntil = 0;
/** All transactions with smaller ids are visible on the replica: it never goes back. */
let shownBefore = 0n;

/** Makes the writes of the current member known to all processes, before the member is answered. */
export async function noteWrite(transactionId: string): Promise<void> {
  await scopes.exit(async () => {
    await note(memberKey(), transactionId);
    await askShared(async (redis) => {
      const isDue = await redis.set(`${SAMPLE}:due`, "", "EX", SAMPLE_SECONDS, "NX");
      if (isDue !== null) await redis.set(SAMPLE, transactionId, "EX", KEPT_SECONDS);
    });
  });
}

/** Tells all processes that these lists changed with a transaction, before they are invalidated. */
export const noteLists = (lists: string, transactionId: string): Promise<void> => note([listKey(lists)], transactionId);

/** Sets a key unless it has a larger number: of two commits the later one may be noted first. */
const SET_IF_LARGER =
  "if tonumber(redis.call('get', KEYS[1]) or 0) < tonumber(ARGV[1]) then redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[2]) end";

async function note(keys: readonly string[], transactionId: string): Promise<void> {
  for (const key of keys) await askShared((redis) => redis.eval(SET_IF_LARGER, 1, key, transactionId, KEPT_SECONDS));
}

/** Whether the replica shows what the current member and the writers of these lists have written. False when that is not known. */
export async function isCurrent(lists?: string): Promise<boolean> {
  const answer = await result(lists);
  Metrics.count("db_reader_total", { result: answer });
  return answer === "reader";
}

async function result(lists: string | undefined): Promise<"reader" | "behind" | "away"> {
  if (performance.now() < awayUntil) return "away";
  const keys = [SAMPLE, ...memberKey(), ...(lists === undefined ? [] : [listKey(lists)])];
  const written = await askShared((redis) => redis.mget(keys));
  if (written === undefined) return "behind";
  const ids = written.flatMap((id) => (id === null ? [] : BigInt(id)));
  const isShown = () => ids.every((id) => id < shownBefore);
  if (isShown()) return "reader";
  const rows = await run("select pg_snapshot_xmin(pg_current_snapshot())::text as xmin", [], "rows");
  if (rows === undefined) return "away";
  const [{ xmin }] = v.parse(v.tuple([v.object({ xmin: v.string() })]), rows);
  if (BigInt(xmin) > shownBefore) shownBefore = BigInt(xmin);
  return isShown() ? "reader" : "behind";
}

/** @returns the rows; undefined when the replica failed, and the database itself is to be asked */
export async function run(
  text: string,
  params: postgres.ParameterOrJSON<never>[],
  as: "rows" | "values",
): Promise<readonly unknown[] | undefined> {
  const url = Config.section("reader").DATABASE_READER_URL;
  if (url === undefined || performance.now() < awayUntil) return undefined;
  pool ??= connect({ url, connectSeconds: CONNECT_SECONDS });
  const asked = pool;
  const startedAt = performance.now();
  try {
    return await (await asked).run(text, params, as);
  } catch (error) {
    // Whatever it was: a statement that is wrong fails in the database as well.
    awayUntil = performance.now() + AWAY_MS;
    Log.warn("the replica of the database failed", Log.describe(error));
    if (pool === asked) pool = undefined;
    asked.then((lost) => lost.end(0)).catch(() => undefined);
    return undefined;
  } finally {
    Metrics.observe("db_query_duration_seconds", (performance.now() - startedAt) / 1000);
  }
}

/** Closes the connections to the replica. */
export async function closeReader(): Promise<void> {
  const closing = pool;
  pool = undefined;
  await (await closing?.catch(() => undefined))?.end();
}

/** Returns to the state of a new process (tests). */
export function reset(): void {
  [awayUntil, shownBefore] = [0, 0n];
}
onReset(reset);
