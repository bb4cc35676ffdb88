import type postgres from "postgres";
import * as v from "valibot";
import { Actor } from "../actor.ts";
import { Config } from "../config.ts";
import { AppError } from "../error.ts";
import { Log } from "../log.ts";
import { Metrics } from "../metrics/index.ts";
import { onReset } from "../reset.ts";
import { type Pool, connect } from "./pool.ts";
import { type Committed, type Session, scopes } from "./scope.ts";
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

type Parameters = postgres.ParameterOrJSON<never>[];
/** Sends a statement to the database itself. */
type Send = (text: string, params: Parameters, as: "rows" | "values") => Promise<readonly unknown[]>;

const Id = v.tuple([v.object({ id: v.nullable(v.string()) })]);

/**
 * Commits, in one message with the question for the transaction's id: no further round trip. postgres.js answers with the rows of the
 * first statement, since the second has none. In a failed transaction the first one already is an error.
 */
export async function commitWithId(session: Session): Promise<Committed> {
  const rows = await session.sql.run("select pg_current_xact_id_if_assigned()::text as id; commit");
  const [{ id }] = v.parse(Id, rows);
  return id === null ? {} : { transactionId: id };
}

/** An id that is not smaller than that of any transaction that is committed now: for a write without a transaction of its own. */
async function newestId(send: Send): Promise<string> {
  const rows = await send("select (pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text as id", [], "rows");
  return v.parse(Id, rows)[0].id ?? "0";
}

/** `Db.onReader`, outside of a transaction and where there is a replica. */
export async function read<T>(work: () => Promise<T>, lists?: string): Promise<T> {
  if (!(await isCurrent(lists))) return work();
  try {
    return await scopes.run({ kind: "reader" }, async () => {
      const found = await work();
      return found;
    });
  } catch (error) {
    if (error instanceof AppError && error.code === "NOT_FOUND") return work();
    throw error;
  }
}

/** A statement outside of a transaction: on the replica where it may be, else in the database; a write is noted. */
export async function runOutside(text: string, params: Parameters, as: "rows" | "values", send: Send) {
  const isSelect = /^\s*select\b/i.test(text);
  if (isSelect && scopes.getStore()?.kind === "reader") return (await run(text, params, as)) ?? send(text, params, as);
  const rows = await send(text, params, as);
  if (!isSelect) await noteWrite(await newestId(send));
  return rows;
}

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
export async function noteLists(lists: string, { transactionId }: Committed, send: Send): Promise<void> {
  await note([listKey(lists)], transactionId ?? (await newestId(send)));
}

/** Sets a key unless it has a larger number: of two commits the later one may be noted first. */
const SET_IF_LARGER =
  "if tonumber(redis.call('get', KEYS[1]) or 0) < tonumber(ARGV[1]) then redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[2]) end";

async function note(keys: readonly string[], transactionId: string): Promise<void> {
  for (const key of keys) await askShared((redis) => redis.eval(SET_IF_LARGER, 1, key, transactionId, KEPT_SECONDS));
}

/** Whether the replica shows what the current member and the writers of these lists have written. False when that is not known. */
async function isCurrent(lists?: string): Promise<boolean> {
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
async function run(text: string, params: Parameters, as: "rows" | "values"): Promise<readonly unknown[] | undefined> {
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
