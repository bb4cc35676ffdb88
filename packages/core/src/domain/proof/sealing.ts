import { and, asc, desc, eq, inArray, isNotNull, isNull, lt, notExists, or, sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Storage } from "../../platform/storage/index.ts";
import { webhookEvents } from "../../outbox/event.sql.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { canonical, digest } from "./canonical.ts";
import { chain, draftsOf, newSalt } from "./links.ts";
import { proofRoots, proofSalts, proofSeals } from "./proof.sql.ts";
import type { Root } from "./schema.ts";
import { recordedSigner } from "./signing.ts";
import { leafOf, rootOf } from "./tree.ts";

/** Upper limit of contributions of one root: their links are built in one transaction, in about a second. */
const MOST_LEAVES = 200;
/** Time for which a contribution waits until its events are delivered, so that its links contain the delivery. */
const EVENTS_WAIT_DAYS = 7;
const MILLISECONDS_OF_DAY = 86_400_000;
/**
 * Number of the advisory lock that lets only one process seal at a time. An arbitrary number that no other lock uses.
 */
const LOCK = 0x9e_0f;

/**
 * Puts the contributions that were decided before today into a signed tree, and stores its root in the bucket, with an
 * object lock where the bucket supports it. Runs once a day, and repeatedly while more contributions wait than one tree
 * contains. The sweep calls it: every act arms a sweep, and only acts decide contributions.
 * @returns the number of sealed contributions
 */
export async function sealDecided(): Promise<number> {
  if (!(await isDue())) return 0;
  const sealed = await Db.transaction(seal);
  await storeRoots();
  return sealed;
}

/** Whether a decided contribution is in no tree yet, or a root is not in the bucket yet. False for most sweeps. */
async function isDue(): Promise<boolean> {
  const [unsealed] = await Db.use()
    .select({ id: contributions.id })
    .from(contributions)
    .where(isUnsealed(startOfDay(Clock.now())))
    .limit(1);
  if (unsealed) return true;
  const [unstored] = await Db.use()
    .select({ number: proofRoots.number })
    .from(proofRoots)
    .where(isNull(proofRoots.storedAt))
    .limit(1);
  return unstored !== undefined;
}

const startOfDay = (at: Date) => new Date(Math.floor(at.getTime() / MILLISECONDS_OF_DAY) * MILLISECONDS_OF_DAY);
const isUnsealed = (before: Date) =>
  and(isNotNull(contributions.decidedAt), isNull(contributions.sealedAt), lt(contributions.decidedAt, before));

async function seal(): Promise<number> {
  await Db.use().execute(sql`select pg_advisory_xact_lock(${LOCK})`);
  const now = Clock.now();
  const today = startOfDay(now);
  const [last] = await Db.use().select().from(proofRoots).orderBy(desc(proofRoots.number)).limit(1);
  if (last && last.createdAt >= today && last.document.size < MOST_LEAVES) return 0;
  const ids = await candidates(today, now);
  if (ids.length === 0) return 0;
  const links = await linksOf(ids);
  await Db.use().update(contributions).set({ sealedAt: now }).where(inArray(contributions.id, ids));
  const leaves = links.map(({ head }) => leafOf(Buffer.from(head, "hex")));
  const number = (last?.number ?? 0) + 1;
  const { keyId, sign } = await recordedSigner();
  const unsigned: Omit<Root, "signature"> = {
    format: "gotong-root/1",
    number,
    made_at: now.toISOString(),
    size: leaves.length,
    root: rootOf(leaves).toString("hex"),
    previous: last ? digest(last.document) : null,
    key_id: keyId,
  };
  await Db.use()
    .insert(proofRoots)
    .values({ number, keyId, document: { ...unsigned, signature: sign(unsigned) }, createdAt: now });
  await Db.use()
    .insert(proofSeals)
    .values(links.map((sealed, position) => ({ ...sealed, position, rootNumber: number })));
  return ids.length;
}

async function candidates(today: Date, now: Date): Promise<string[]> {
  const isPending = Db.use()
    .select({ id: webhookEvents.id })
    .from(webhookEvents)
    .where(
      and(eq(webhookEvents.subject, sql`'contribution:' || ${contributions.id}`), eq(webhookEvents.status, "pending")),
    );
  const rows = await Db.use()
    .select({ id: contributions.id })
    .from(contributions)
    .where(
      and(
        isUnsealed(today),
        or(
          lt(contributions.decidedAt, new Date(now.getTime() - EVENTS_WAIT_DAYS * MILLISECONDS_OF_DAY)),
          notExists(isPending),
        ),
      ),
    )
    .orderBy(asc(contributions.decidedAt))
    .limit(MOST_LEAVES);
  return rows.map(({ id }) => id);
}

/** Builds the links of contributions, and stores the salts of their commitments. */
async function linksOf(ids: readonly string[]) {
  const drafts = await draftsOf(ids);
  const salts = new Map<string, string>();
  const saltOf = (id: string) => {
    const salt = salts.get(id) ?? newSalt();
    salts.set(id, salt);
    return salt;
  };
  const sealed = [...drafts].map(([contributionId, facts]) => {
    const links = chain(facts, saltOf);
    return { contributionId, links, head: links.at(-1)?.hash ?? "" };
  });
  const rows = [...salts].map(([subjectId, salt]) => ({ subjectId, salt }));
  if (rows.length > 0) await Db.use().insert(proofSalts).values(rows);
  return sealed;
}

/** Stores roots in the bucket that are not there yet, including roots that an earlier call failed to store. */
async function storeRoots(): Promise<void> {
  const waiting = await Db.use()
    .select()
    .from(proofRoots)
    .where(isNull(proofRoots.storedAt))
    .orderBy(asc(proofRoots.number))
    .limit(MOST_LEAVES);
  for (const { number, document } of waiting) {
    await Storage.writeOnce(rootKey(number), "application/json", Buffer.from(canonical(document)));
    await Db.use().update(proofRoots).set({ storedAt: Clock.now() }).where(eq(proofRoots.number, number));
  }
}

/** The object key of a root in the bucket. */
export const rootKey = (number: number): string => `roots/${String(number).padStart(8, "0")}.json`;
