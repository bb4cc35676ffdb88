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

// Reads from a replica. A replica shows a transaction once each transaction that it still sees as running has a larger
// id (`pg_snapshot_xmin`). Transaction ids need neither clocks nor positions in the log, and Aurora supports them like
// PostgreSQL. Redis stores the id of the last write of each member, of the last change of each cached list, and, every
// ten seconds, of one write of the whole stage.

/** Time limit for connecting to the replica: it is short, since the primary database can answer instead. */
const CONNECT_SECONDS = 2;
/** Time for which a replica is not used after a failure. */
const AWAY_MS = 30_000;
/** Lifetime of the ids in Redis: longer than any replica lags, since Aurora restarts a replica that lags for a minute. */
const KEPT_SECONDS = 3600;
/** Maximum age of a replica's data for members who have written nothing. */
const SAMPLE_SECONDS = 10;

const SAMPLE = "written:sample";
const memberKey = (): string[] => {
  const actor = Actor.current();
  return actor.type === "member" ? [`written:member:${actor.userId}`] : [];
};
const listKey = (lists: string) => `written:list:${lists}`;

let pool: Promise<Pool> | undefined;
let awayUntil = 0;
/** All transactions with smaller ids are visible on the replica. The value only grows, since a replica never loses transactions. */
let shownBefore = 0n;

type Parameters = postgres.ParameterOrJSON<never>[];
/** Sends a statement to the primary database. */
type Send = (text: string, params: Parameters, as: "rows" | "values") => Promise<readonly unknown[]>;

const Id = v.tuple([v.object({ id: v.nullable(v.string()) })]);

/**
 * Commits and reads the transaction's id in one message, without a further round trip. postgres.js returns the rows of the first statement,
 * since the second has none. In a failed transaction the first statement already fails.
 */
export async function commitWithId(session: Session): Promise<Committed> {
  const rows = await session.sql.run("select pg_current_xact_id_if_assigned()::text as id; commit");
  const [{ id }] = v.parse(Id, rows);
  return id === null ? {} : { transactionId: id };
}

/** An id at least as large as that of any committed transaction. Used for a write outside an explicit transaction. */
async function newestId(send: Send): Promise<string> {
  const rows = await send("select (pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text as id", [], "rows");
  return v.parse(Id, rows)[0].id ?? "0";
}

/** Implements `Db.onReader` for calls outside a transaction, where a replica is configured. */
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

/** Runs a statement outside a transaction: on the replica if allowed, otherwise on the primary database. Notes the id of a write. */
export async function runOutside(text: string, params: Parameters, as: "rows" | "values", send: Send) {
  const isSelect = /^\s*select\b/i.test(text);
  if (isSelect && scopes.getStore()?.kind === "reader") return (await run(text, params, as)) ?? send(text, params, as);
  const rows = await send(text, params, as);
  if (!isSelect) await noteWrite(await newestId(send));
  return rows;
}

/** Stores the id of the current member's write for all processes, before the member gets the response. */
export async function noteWrite(transactionId: string): Promise<void> {
  await scopes.exit(async () => {
    await note(memberKey(), transactionId);
    await askShared(async (redis) => {
      const isDue = await redis.set(`${SAMPLE}:due`, "", "EX", SAMPLE_SECONDS, "NX");
      if (isDue !== null) await redis.set(SAMPLE, transactionId, "EX", KEPT_SECONDS);
    });
  });
}

/** Stores for all processes that a transaction changed these lists, before the lists are invalidated. */
export async function noteLists(lists: string, { transactionId }: Committed, send: Send): Promise<void> {
  await note([listKey(lists)], transactionId ?? (await newestId(send)));
}

/** Sets a key unless it contains a larger number: the later of two commits may be noted first. */
const SET_IF_LARGER =
  "if tonumber(redis.call('get', KEYS[1]) or 0) < tonumber(ARGV[1]) then redis.call('set', KEYS[1], ARGV[1], 'EX', ARGV[2]) end";

async function note(keys: readonly string[], transactionId: string): Promise<void> {
  for (const key of keys) await askShared((redis) => redis.eval(SET_IF_LARGER, 1, key, transactionId, KEPT_SECONDS));
}

/** Whether the replica shows the writes of the current member and of these lists. False when that is not known. */
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

/** @returns the rows; undefined when the replica failed and the caller must use the primary database */
async function run(text: string, params: Parameters, as: "rows" | "values"): Promise<readonly unknown[] | undefined> {
  const url = Config.section("reader").DATABASE_READER_URL;
  if (url === undefined || performance.now() < awayUntil) return undefined;
  pool ??= connect({ url, connectSeconds: CONNECT_SECONDS });
  const asked = pool;
  const startedAt = performance.now();
  try {
    return await (await asked).run(text, params, as);
  } catch (error) {
    // After any error the replica is not used for a while. If the statement itself is wrong, it fails on the primary
    // database as well.
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

/** Resets the module to the state of a new process (tests). */
export function reset(): void {
  [awayUntil, shownBefore] = [0, 0n];
}
onReset(reset);
