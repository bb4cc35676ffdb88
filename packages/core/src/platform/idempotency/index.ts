import { createHash } from "node:crypto";
import { and, eq, sql } from "drizzle-orm";
import * as v from "valibot";
import { Clock } from "../clock.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { removeExpired } from "./expired.ts";
import { idempotencyKeys } from "./idempotency.sql.ts";
import { fingerprints, open, scopeOfAddress, seal } from "./seal.ts";

export { removeExpired };

/** How long an answer replays (platform.md §1). */
const KEPT_HOURS = 24;
/** All that a request with a key writes is one transaction; PostgreSQL ends it after this long, as it ends an act. */
const LIMIT_SECONDS = 20;
/** Expired records that each new one takes away with it. */
const CLEARED_AT_ONCE = 5;

export interface Request {
  /** Who asks: see {@link userScope} and {@link addressScope}. */
  readonly scope: string;
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** The body as it came. */
  readonly body: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What becomes of the work of a request: done and its answer kept, done only, or taken back. */
export type Fate = { readonly keep: Answer } | "done" | "undone";

export const userScope = (userId: string) => `user:${userId}`;
export const addressScope = (address: string) => `address:${scopeOfAddress(address)}`;

class Undone extends Error {}

/** The work was done meanwhile by another request with this key. To the handler, which can do nothing any more, it is one that runs. */
class Replay extends AppError {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super("IDEMPOTENCY_KEY_IN_USE", { retryAfterSeconds: 1 });
    this.answer = answer;
  }
}

/** Keys of requests that this process is working on. */
const running = new Set<string>();

/**
 * Runs `work` once for a key. All that it writes, and the record of its answer, is one transaction (`Db.unitOfWork`), so that a crash
 * leaves both or neither. That transaction begins when `work` first writes: until then no connection is held, and the key is only
 * taken within this process. Of two processes that have come so far with one key, the first transaction takes the key by a lock that
 * ends with its connection; the other one does nothing.
 * @returns the answer of an earlier request with this key, or undefined when `work` ran
 * @throws AppError IDEMPOTENCY_KEY_IN_USE while another request with this key runs, IDEMPOTENCY_KEY_REUSED when it was another request's
 */
export async function once(request: Request, work: () => Promise<Fate>): Promise<Answer | undefined> {
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

async function inUnit(request: Request, work: () => Promise<Fate>): Promise<Answer | undefined> {
  const unkept: Answer[] = [];
  const workAndKeep = async () => {
    const fate = await work();
    if (fate === "undone") throw new Undone();
    if (fate === "done") return;
    unkept.push(fate.keep);
    await Db.transaction(() => keep(request, fate.keep));
    unkept.pop();
  };
  try {
    await Db.unitOfWork(workAndKeep, { onBegin: () => takeKey(request), timeoutSeconds: LIMIT_SECONDS });
    return undefined;
  } catch (error) {
    if (error instanceof Undone) return undefined;
    if (error instanceof Replay) return error.answer;
    const [answer] = unkept;
    if (!answer || answer.status < 400 || !isAborted(error)) throw error;
    // A refusal that PostgreSQL itself caused: nothing was done, and only the answer is left to be kept.
    await keep(request, answer);
    return undefined;
  }
}

/** First in the transaction: no other one works with this key, and none has. */
async function takeKey(request: Request): Promise<void> {
  const lock = createHash("sha256").update(`${request.scope}\n${request.key}`).digest().readBigInt64BE();
  const [taken] = await Db.use()
    .select({ isOurs: sql<boolean>`pg_try_advisory_xact_lock(${lock.toString()}::bigint)` })
    .from(sql`(select 1) as one`);
  if (taken?.isOurs !== true) throw new AppError("IDEMPOTENCY_KEY_IN_USE", { retryAfterSeconds: 1 });
  const known = await find(request);
  if (known) throw new Replay(known);
}

async function find(request: Request): Promise<Answer | undefined> {
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

async function keep(request: Request, answer: Answer): Promise<void> {
  const { scope, key } = request;
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
  await Db.use()
    .insert(idempotencyKeys)
    .values({ scope, key, ...record })
    .onConflictDoUpdate({ target: [idempotencyKeys.scope, idempotencyKeys.key], set: record });
  await removeExpired(CLEARED_AT_ONCE);
}

const AboutUser = v.pipe(v.string(), v.parseJson(), v.object({ user: v.object({ id: v.pipe(v.string(), v.uuid()) }) }));

/** The member whose account an answer shows, as those of a registration and a login do. */
function subjectOf({ status, body }: Answer): string | null {
  const about = v.safeParse(AboutUser, status < 300 ? body : "");
  return about.success ? about.output.user.id : null;
}

/** Whether a statement failed because one before it had. */
function isAborted(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && cause.code === "25P02") return true;
  }
  return false;
}

export * as Idempotency from "./index.ts";
