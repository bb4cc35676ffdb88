import { createHash } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import * as v from "valibot";
import { causesOf } from "../causes.ts";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { removeExpired } from "./expired.ts";
import { idempotencyKeys } from "./idempotency.sql.ts";
import { fingerprints, open, scopeOfAddress, seal } from "./seal.ts";

/** Hours for which a response can be replayed (platform.md §1). */
const KEPT_HOURS = 24;
/** Time limit of the transaction in which a request with a key writes. PostgreSQL aborts a longer one, as it does for an act. */
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
  /** Whether repeating the request is harmless, as after a refusal. The response is then not stored for a caller with many records. */
  readonly isRepeatable?: boolean;
}

/** The result of a request: committed with its response stored, committed without a stored response, or rolled back. */
export type RequestOutcome = Outcome | "committed" | "rolled_back";

export const userScope = (userId: string) => `user:${userId}`;
export const addressScope = (address: string) => `address:${scopeOfAddress(address)}`;

class RolledBack extends Error {}

/**
 * Thrown when another request with this key has finished in the meantime. The handler, which cannot continue, treats it like a request that
 * is still running.
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
 * Runs `work` once for a key. All its writes and the record of its response are one transaction (`Db.unitOfWork`), so that a crash leaves
 * both or neither. The transaction begins with the first write of `work`; before that no connection is taken, and the key is reserved in this
 * process only. If two processes begin a transaction for the same key, the first takes an advisory lock on the key, which its connection
 * releases; the second one does nothing.
 * @returns the response of an earlier request with this key, or undefined when `work` ran
 * @throws AppError IDEMPOTENCY_KEY_IN_USE while another request with this key runs, IDEMPOTENCY_KEY_REUSED when the key belongs to a
 * different request
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
    // A statement error of PostgreSQL caused the error response: nothing was changed, and only the response is left to store.
    await store(request, answer);
    return undefined;
  }
}

/** Runs first in the transaction: ensures that no other transaction uses this key or has used it. */
async function takeKey(request: Request): Promise<void> {
  const lock = createHash("sha256").update(`${request.scope}\n${request.key}`).digest().readBigInt64BE();
  const [taken] = await Db.use()
    .select({ isOurs: sql<boolean>`pg_try_advisory_xact_lock(${lock.toString()}::bigint)` })
    .from(sql`(select 1) as one`);
  if (taken?.isOurs !== true) throw new AppError("IDEMPOTENCY_KEY_IN_USE", { retryAfterSeconds: 1 });
  const known = await find(request);
  if (known) throw new Replay(known);
}

async function find(request: Request): Promise<StoredResponse | undefined> {
  const { scope, key } = request;
  const [row] = await Db.use()
    .select()
    .from(idempotencyKeys)
    .where(and(eq(idempotencyKeys.scope, scope), eq(idempotencyKeys.key, key)));
  if (!row || row.expiresAt <= Clock.now() || row.responseStatus === null) return undefined;
  const match = fingerprints(request).find(({ hash }) => hash === row.requestHash);
  if (!match) throw new AppError("IDEMPOTENCY_KEY_REUSED");
  const body = open(row.responseBody ?? "", match.secret, `${scope}\n${key}`);
  return { status: row.responseStatus, headers: row.responseHeaders ?? {}, body };
}

async function store(request: Request, { store: answer, isRepeatable = false }: Outcome): Promise<void> {
  const { scope, key } = request;
  if (isRepeatable && (await hasMany(scope))) return;
  const [mine] = fingerprints(request);
  if (!mine) throw new Error("there is no key to seal with");
  const now = Clock.now();
  const record = {
    requestHash: mine.hash,
    responseStatus: answer.status,
    responseHeaders: { ...answer.headers },
    subjectId: subjectOf(answer),
    responseBody: seal(answer.body, mine.secret, `${scope}\n${key}`),
    createdAt: now,
    expiresAt: new Date(now.getTime() + KEPT_HOURS * 3_600_000),
  };
  const written = Db.use()
    .insert(idempotencyKeys)
    .values({ scope, key, ...record })
    .onConflictDoUpdate({ target: [idempotencyKeys.scope, idempotencyKeys.key], set: record });
  // Sent together: neither depends on the other.
  await Promise.all([written, removeExpired(CLEARED_AT_ONCE)]);
}

/**
 * Whether a caller has `IDEMPOTENCY_RECORDS` records. Without this limit one address without an account fills 216 MB a day with
 * refusals under random keys. Reads that many entries of the primary key at most.
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
