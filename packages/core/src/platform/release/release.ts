import { and, desc, eq, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Audit } from "../audit/index.ts";
import { Clock } from "../clock.ts";
import { Db } from "../db/index.ts";
import { Id } from "../id.ts";
import { Input } from "../input.ts";
import { KINDS, OUTCOMES, releases } from "./release.sql.ts";

/** Time after which the lock of a stage expires if its process does not renew it. */
export const LEASE_SECONDS = 300;

/** Id of the advisory lock of transactions that begin a release. */
const LOCK = 7_306_002;

const uuid = v.pipe(v.string(), v.uuid());
const text = (most: number) => v.pipe(v.string(), Input.minCharacters(1), Input.maxCharacters(most));
const Data = v.record(v.string(), v.unknown());

export const Begin = v.strictObject({
  kind: v.picklist(KINDS),
  version: text(100),
  commit: v.pipe(v.string(), v.regex(/^[0-9a-f]{7,64}$/)),
  operator: text(200),
  /** Identifies the process that works on the release. */
  lease: uuid,
  step: text(20),
  data: Data,
  /** Whether an unfinished release of another version is cancelled. A rollback always cancels it. */
  supersedes: v.optional(v.boolean(), false),
});
export const Save = v.strictObject({
  id: uuid,
  lease: uuid,
  step: v.optional(text(20)),
  data: v.optional(Data),
  outcome: v.optional(v.picklist(OUTCOMES)),
});

/** A release as the command line reads it; times are RFC 3339. */
export const Info = v.strictObject({
  id: uuid,
  kind: v.picklist(KINDS),
  version: v.string(),
  commit: v.string(),
  operator: v.string(),
  step: v.string(),
  data: Data,
  started_at: v.string(),
  finished_at: v.nullable(v.string()),
  outcome: v.nullable(v.picklist(OUTCOMES)),
});
export type Info = v.InferOutput<typeof Info>;

/**
 * Takes the stage's lock. Continues the unfinished release of the same version if its process has not renewed the lease; a rollback cancels an
 * unfinished release, whose process then stops at its next step.
 * @returns the release, with the step at which it continues
 * @throws Error when another process works on a release, or another version is unfinished
 */
export async function begin({ supersedes, ...input }: v.InferOutput<typeof Begin>): Promise<Info> {
  return Db.transaction(async () => {
    const now = Clock.now();
    // Without this lock, two processes that begin at the same time would both find no unfinished release.
    await Db.use().execute(sql`select pg_advisory_xact_lock(${LOCK})`);
    const [unfinished] = await Db.use().select().from(releases).where(isNull(releases.finishedAt)).for("update");
    if (unfinished) {
      const isSame =
        unfinished.kind === input.kind && unfinished.version === input.version && unfinished.commit === input.commit;
      const isAlive = unfinished.lease !== input.lease && unfinished.leasedUntil > now;
      const title = `the ${unfinished.kind} of ${unfinished.version} by ${unfinished.operator}, step ${unfinished.step}`;
      if (isAlive && (input.kind === "release" || unfinished.kind === "rollback"))
        throw new Error(
          `${title}, is at work; without a sign of life it can be continued after ${unfinished.leasedUntil.toISOString()}`,
        );
      if (isSame) {
        const [row] = await Db.use()
          .update(releases)
          .set({ lease: input.lease, leasedUntil: leaseEnd(now), operator: input.operator })
          .where(eq(releases.id, unfinished.id))
          .returning();
        return infoOf(row);
      }
      if (input.kind === "release" && !supersedes)
        throw new Error(
          `${title}, has not ended: continue it from its commit ${unfinished.commit}, roll back, or release with --supersede`,
        );
      await Db.use()
        .update(releases)
        .set({ finishedAt: now, outcome: "superseded" })
        .where(eq(releases.id, unfinished.id));
    }
    const [row] = await Db.use()
      .insert(releases)
      .values({ ...input, id: Id.uuid(), startedAt: now, leasedUntil: leaseEnd(now) })
      .returning();
    const info = infoOf(row);
    await Audit.record(`${input.kind}.begin`, "release", info.id, {
      version: input.version,
      commit: input.commit,
      operator: input.operator,
    });
    return info;
  });
}

/**
 * Records the progress of a release and renews its lease; with an outcome, finishes the release.
 * @throws Error when another process has taken the release over
 */
export async function save({ id, lease, step, data, outcome }: v.InferOutput<typeof Save>): Promise<void> {
  await Db.transaction(async () => {
    const now = Clock.now();
    const [row] = await Db.use()
      .update(releases)
      .set({
        leasedUntil: leaseEnd(now),
        ...(step === undefined ? {} : { step }),
        ...(data === undefined ? {} : { data }),
        ...(outcome === undefined ? {} : { outcome, finishedAt: now }),
      })
      .where(and(eq(releases.id, id), eq(releases.lease, lease), isNull(releases.finishedAt)))
      .returning();
    if (!row) throw new Error("another process has taken this release over: this one stops");
    if (outcome !== undefined) await Audit.record(`${row.kind}.end`, "release", id, { version: row.version, outcome });
  });
}

/** The last `limit` releases and rollbacks, newest first. */
export async function list(limit: number): Promise<Info[]> {
  const rows = await Db.use().select().from(releases).orderBy(desc(releases.id)).limit(limit);
  return rows.map(infoOf);
}

const leaseEnd = (now: Date) => new Date(now.getTime() + LEASE_SECONDS * 1000);

function infoOf(row: typeof releases.$inferSelect | undefined): Info {
  if (!row) throw new Error("the database returned no release");
  return {
    id: row.id,
    kind: row.kind,
    version: row.version,
    commit: row.commit,
    operator: row.operator,
    step: row.step,
    data: row.data,
    started_at: row.startedAt.toISOString(),
    finished_at: row.finishedAt?.toISOString() ?? null,
    outcome: row.outcome,
  };
}

export * as Release from "./release.ts";
