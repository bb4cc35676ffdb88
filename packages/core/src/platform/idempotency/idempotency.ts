import { createHash } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import * as v from "valibot";
import { causesOf } from "../causes.ts";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Db, statement } from "../db/index.ts";
import { AppError } from "../error.ts";
import { idempotencyKeys } from "./idempotency.sql.ts";
import { fingerprints, open, scopeOfAddress, seal } from "./seal.ts";

/** Hours for which a response can be replayed (platform.md §1). */
const KEPT_HOURS = 24;
/** Time limit of the transaction of a request with a key. PostgreSQL aborts a transaction that takes longer. */
const LIMIT_SECONDS = 20;
/** Number of expired records that each new record removes. */
const CLEARED_AT_ONCE = 5;

export interface Request {
  /** The caller: see {@link userScope} and {@link addressScope}. */
  readonly scope: string;
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** The body as received. */
  readonly body: string;
}

export interface StoredResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Outcome {
  readonly store: StoredResponse;
  /**
   * Whether a repetition of the request changes nothing more, for example because the request was refused. Such a
   * response is not stored for a caller that already has many records.
   */
  readonly isRepeatable?: boolean;
}

/** The result of a request: committed with its response stored, committed without a stored response, or rolled back. */
export type RequestOutcome = Outcome | "committed" | "rolled_back";

export const userScope = (userId: string) => `user:${userId}`;
export const addressScope = (address: string) => `address:${scopeOfAddress(address)}`;

class RolledBack extends Error {}

/**
 * Thrown inside the transaction when another request with this key has finished in the meantime; {@link once} then
 * returns its response. A handler that catches the error sees the code IDEMPOTENCY_KEY_IN_USE.
 */
class Replay extends AppError {
  readonly answer: StoredResponse;

  constructor(answer: StoredResponse) {
    super("IDEMPOTENCY_KEY_IN_USE", { retryAfterSeconds: 1 });
    this.answer = answer;
  }
}

/** Keys of requests in progress in this process. */
const running = new Set<string>();

/**
 * Runs `work` once for a key. All its writes and the record of its response are one transaction (`Db.unitOfWork`), so
 * that a crash leaves both or neither. The transaction begins with the first write of `work`; before that no connection
 * is taken, and the key is reserved in this process only. If two processes begin a transaction for the same key, the
 * first gets an advisory lock on the key until the end of its transaction; the second fails without a change.
 * @returns the response of an earlier request with this key, or undefined when `work` ran
 * @throws AppError IDEMPOTENCY_KEY_IN_USE while another request with this key runs, IDEMPOTENCY_KEY_REUSED when the key
 * belongs to a different request
 */
export async function once(request: Request, work: () => Promise<RequestOutcome>): Promise<StoredResponse | undefined> {
  const known = await find(request);
  if (known) return known;
  const name = `${request.scope}\n${request.key}`;
  if (running.has(name)) throw new AppError("IDEMPOTENCY_KEY_IN_USE", { retryAfterSeconds: 1 });
  running.add(name);
  try {
    return await inUnit(request, work);
  } finally {
    running.delete(name);
  }
}

async function inUnit(request: Request, work: () => Promise<RequestOutcome>): Promise<StoredResponse | undefined> {
  const unstored: Outcome[] = [];
  const workAndStore = async () => {
    const outcome = await work();
    if (outcome === "rolled_back") throw new RolledBack();
    if (outcome === "committed") return;
    unstored.push(outcome);
    await Db.transaction(() => store(request, outcome));
    unstored.pop();
  };
  try {
    await Db.unitOfWork(workAndStore, { onBegin: () => takeKey(request), timeoutSeconds: LIMIT_SECONDS });
    return undefined;
  } catch (error) {
    if (error instanceof RolledBack) return undefined;
    if (error instanceof Replay) return error.answer;
    const [answer] = unstored;
    if (!answer || answer.store.status < 400 || !isAborted(error)) throw error;
    // A failed statement of PostgreSQL led to the error response and aborted the transaction. Nothing was changed, so
    // only the response is stored, in a transaction of its own.
    await store(request, answer);
    return undefined;
  }
}

const value = (name: string) => sql.placeholder(name);
const tryLock = statement<readonly [isOurs: boolean]>(
  () => sql`select pg_try_advisory_xact_lock(${value("lock")}::bigint)`,
);

/**
 * Runs first in the transaction. Locks the key, and searches for an earlier response. These are two statements, since
 * the search must begin after the lock is taken. They are sent together, and PostgreSQL runs them one after the other.
 * @throws Replay when an earlier request with the key has finished; AppError IDEMPOTENCY_KEY_IN_USE when another
 * transaction has the lock
 */
async function takeKey(request: Request): Promise<void> {
  const lock = createHash("sha256").update(`${request.scope}\n${request.key}`).digest().readBigInt64BE();
  const [taken, record] = await Promise.all([tryLock({ lock: lock.toString() }), recordOf(request)]);
  if (!Db.only(taken)[0]) throw new AppError("IDEMPOTENCY_KEY_IN_USE", { retryAfterSeconds: 1 });
  const known = responseIn(record, request);
  if (known) throw new Replay(known);
}

async function find(request: Request): Promise<StoredResponse | undefined> {
  return responseIn(await recordOf(request), request);
}

type Stored = readonly [requestHash: string, status: number, headers: string | null, body: string | null];

const findRecord = statement<Stored>(
  () => sql`
    select ${idempotencyKeys.requestHash}, ${idempotencyKeys.responseStatus}, ${idempotencyKeys.responseHeaders}::text, ${idempotencyKeys.responseBody}
    from ${idempotencyKeys}
    where ${idempotencyKeys.scope} = ${value("scope")} and ${idempotencyKeys.key} = ${value("key")}
      and ${idempotencyKeys.expiresAt} > ${value("now")}::timestamptz and ${idempotencyKeys.responseStatus} is not null`,
);

async function recordOf({ scope, key }: Request): Promise<Stored | undefined> {
  const [record] = await findRecord({ scope, key, now: Clock.now().toISOString() });
  return record;
}

const Headers = v.pipe(v.string(), v.parseJson(), v.record(v.string(), v.string()));

/** The stored response. @throws AppError IDEMPOTENCY_KEY_REUSED if it belongs to a different request */
function responseIn(record: Stored | undefined, request: Request): StoredResponse | undefined {
  if (!record) return undefined;
  const [requestHash, status, headers, body] = record;
  const match = fingerprints(request).find(({ hash }) => hash === requestHash);
  if (!match) throw new AppError("IDEMPOTENCY_KEY_REUSED");
  return {
    status,
    headers: v.parse(Headers, headers ?? "{}"),
    body: open(body ?? "", match.secret, `${request.scope}\n${request.key}`),
  };
}

/**
 * Inserts a record, and removes a few expired ones. An expired record of the same key is not removed but overwritten by
 * the insertion, since one statement must not change a row twice.
 */
const insertRecord = statement(
  () => sql`
    with expired as (
      select scope, key from ${idempotencyKeys}
      where expires_at <= ${value("now")}::timestamptz and (scope <> ${value("scope")} or key <> ${value("key")})
      order by expires_at limit ${value("cleared")}::int for update skip locked),
    removed as (
      delete from ${idempotencyKeys} using expired
      where ${idempotencyKeys.scope} = expired.scope and ${idempotencyKeys.key} = expired.key)
    insert into ${idempotencyKeys} (scope, key, request_hash, response_status, response_headers, subject_id, response_body, created_at, expires_at)
    values (${value("scope")}, ${value("key")}, ${value("requestHash")}, ${value("status")}::int, ${value("headers")}::text::jsonb,
      ${value("subjectId")}::uuid, ${value("body")}, ${value("now")}::timestamptz, ${value("expiresAt")}::timestamptz)
    on conflict (scope, key) do update set request_hash = excluded.request_hash, response_status = excluded.response_status,
      response_headers = excluded.response_headers, subject_id = excluded.subject_id, response_body = excluded.response_body,
      created_at = excluded.created_at, expires_at = excluded.expires_at`,
);

async function store(request: Request, { store: answer, isRepeatable = false }: Outcome): Promise<void> {
  const { scope, key } = request;
  if (isRepeatable && (await hasMany(scope))) return;
  const [mine] = fingerprints(request);
  if (!mine) throw new Error("there is no key to seal with");
  const now = Clock.now();
  await insertRecord({
    scope,
    key,
    requestHash: mine.hash,
    status: answer.status,
    headers: JSON.stringify(answer.headers),
    subjectId: subjectOf(answer),
    body: seal(answer.body, mine.secret, `${scope}\n${key}`),
    now: now.toISOString(),
    cleared: CLEARED_AT_ONCE,
    expiresAt: new Date(now.getTime() + KEPT_HOURS * 3_600_000).toISOString(),
  });
}

/**
 * Whether a caller has `IDEMPOTENCY_RECORDS` records or more. Without this limit, one client address without an account
 * could store 216 MB of refusals a day, each under a new key. Reads at most that many entries of the primary key's
 * index.
 */
async function hasMany(scope: string): Promise<boolean> {
  const rows = await Db.use()
    .select({ key: idempotencyKeys.key })
    .from(idempotencyKeys)
    .where(eq(idempotencyKeys.scope, scope))
    .offset(Config.section("http").IDEMPOTENCY_RECORDS - 1)
    .limit(1);
  return rows.length > 0;
}

const AboutUser = v.pipe(v.string(), v.parseJson(), v.object({ user: v.object({ id: v.pipe(v.string(), v.uuid()) }) }));

/** The id of the member whose account a response contains, as after a registration or a login. */
function subjectOf({ status, body }: StoredResponse): string | null {
  const about = v.safeParse(AboutUser, status < 300 ? body : "");
  return about.success ? about.output.user.id : null;
}

/** Whether a statement failed because an earlier statement of the transaction had failed. */
function isAborted(error: unknown): boolean {
  return causesOf(error).some((cause) => "code" in cause && cause.code === "25P02");
}

export * as Idempotency from "./idempotency.ts";
