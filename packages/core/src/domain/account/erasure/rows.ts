import { type SQL, and, asc, eq, gt, inArray, isNull, notInArray, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { Clock } from "../../../platform/clock.ts";
import { ERASED_COMMENT, comments } from "../../task/comment.sql.ts";
import { contributions } from "../../contribution/contribution.sql.ts";
import { Db } from "../../../platform/db/index.ts";
import { ERASED_TEXTS } from "../../../platform/erased.ts";
import { evidence, uploads, witnesses } from "../../evidence/evidence.sql.ts";
import { proofSalts } from "../../proof/proof.sql.ts";
import { ERASED_TASK, CLEARED_LOCATION, tasks } from "../../task/task.sql.ts";
import { verifications } from "../../contribution/verification.sql.ts";
import { vouches } from "../../vouch/vouch.sql.ts";
import type { ERASURE_SECTIONS, erasures } from "./erasure.sql.ts";

type Erasure = typeof erasures.$inferSelect;
interface RowSection {
  /** The id column that a step iterates over. */
  readonly id: PgColumn;
  readonly which: (erasure: Erasure) => SQL | undefined;
  /** Erases what the member wrote, or what others wrote about the member, in the rows with these ids. Idempotent. */
  readonly erase: (ids: string[], erasure: Erasure) => Promise<unknown>;
}

/** Values that replace erased texts where the database requires a value. */
const ERASED = {
  contribution: ERASED_TEXTS.contribution,
  fileName: "deleted",
  member: ERASED_TEXTS.member,
  /** Stands for the name of a person whom the deleted member named as a witness. */
  witness: "witness",
  reason: ERASED_TEXTS.reason,
};
/** Replaces the admin's reason for hiding the content. */
const hiddenReason = sql`case when hidden_reason is not null then ${ERASED.reason} end`;

/**
 * The rows to erase, by section. Each row keeps ids, types, times, statuses, hashes and findings; ADR 15 gives the
 * reasons.
 */
export const ROW_SECTIONS: Readonly<Record<Exclude<(typeof ERASURE_SECTIONS)[number], "objects">, RowSection>> = {
  evidence: {
    id: evidence.id,
    which: ({ userId }) => eq(evidence.submittedBy, userId),
    erase: async (ids) => {
      const now = Clock.now();
      const refusal = { refusalCode: "MEMBER_DELETED", refusalDetail: "Its submitter has deleted their account." };
      await Db.use()
        .update(evidence)
        .set({ status: "refused", ...refusal, decidedAt: now })
        .where(and(inArray(evidence.id, ids), inArray(evidence.status, ["examining", "awaiting_consent"])));
      const gone = { latitude: null, longitude: null, altitudeMeters: null, speedMps: null, exif: null };
      await Db.use()
        .update(evidence)
        .set({ ...gone, evidenceData: {}, withdrawalReason: null, hiddenReason, erasedAt: now, updatedAt: now })
        .where(inArray(evidence.id, ids));
      await Db.use()
        .update(witnesses)
        .set({ witnessName: ERASED.witness, statement: null })
        .where(inArray(witnesses.evidenceId, ids));
      await closeProofs([...ids, ...(await idsOf(witnesses.id, inArray(witnesses.evidenceId, ids)))]);
    },
  },
  contributions: {
    id: contributions.id,
    which: ({ userId }) => eq(contributions.userId, userId),
    erase: async (ids, { userId }) => {
      // A contribution to another member's task gets the title of that task, which the deleted member did not write.
      const titleOfTask = sql`(select t.title from tasks t where t.id = contributions.task_id and t.creator_id <> ${userId})`;
      await Db.use()
        .update(contributions)
        .set({
          title: sql`coalesce(${titleOfTask}, ${ERASED.contribution})`,
          description: null,
          metadata: {},
          hiddenReason,
        })
        .where(inArray(contributions.id, ids));
      await Db.use().update(verifications).set({ notes: null }).where(inArray(verifications.contributionId, ids));
      await Db.use()
        .update(evidence)
        .set({ withdrawalReason: null })
        .where(and(inArray(evidence.contributionId, ids), eq(evidence.withdrawnBy, userId)));
      await closeProofs([...ids, ...(await idsOf(verifications.id, inArray(verifications.contributionId, ids)))]);
    },
  },
  tasks: {
    id: tasks.id,
    which: ({ userId }) => and(eq(tasks.creatorId, userId), inArray(tasks.status, ["completed", "cancelled"])),
    erase: async (ids, { userId }) => {
      await Db.use()
        .update(tasks)
        .set({ ...CLEARED_LOCATION, hiddenReason })
        .where(inArray(tasks.id, ids));
      // Whether another member completed the task. Such a task keeps its title and description, since it is part of
      // that member's contribution.
      const isOthersWork = and(
        eq(tasks.status, "completed"),
        sql`exists (select 1 from contributions c where c.task_id = ${tasks.id} and c.user_id <> ${userId})`,
      );
      const othersWork = Db.use()
        .select({ id: tasks.id })
        .from(tasks)
        .where(and(inArray(tasks.id, ids), isOthersWork));
      await Db.use()
        .update(tasks)
        .set(ERASED_TASK)
        .where(and(inArray(tasks.id, ids), notInArray(tasks.id, othersWork)));
    },
  },
  comments: {
    id: comments.id,
    which: ({ userId }) => eq(comments.authorId, userId),
    erase: (ids) =>
      Db.use().update(comments).set({ text: ERASED_COMMENT, hiddenReason }).where(inArray(comments.id, ids)),
  },
  verifications: {
    id: verifications.id,
    which: ({ userId }) => eq(verifications.verifierId, userId),
    erase: async (ids) => {
      await Db.use().update(verifications).set({ notes: null }).where(inArray(verifications.id, ids));
      await closeProofs(ids);
    },
  },
  vouches_given: {
    id: vouches.id,
    which: ({ userId }) => eq(vouches.voucherId, userId),
    erase: (ids) => Db.use().update(vouches).set({ message: null }).where(inArray(vouches.id, ids)),
  },
  vouches_received: {
    id: vouches.id,
    which: ({ userId }) => eq(vouches.voucheeId, userId),
    erase: (ids) => Db.use().update(vouches).set({ message: null }).where(inArray(vouches.id, ids)),
  },
  witnesses: {
    id: witnesses.id,
    which: ({ userId }) => eq(witnesses.witnessId, userId),
    erase: eraseWitnesses,
  },
  /** Witnesses without a member id whose name is the deleted member's username. */
  namesakes: {
    id: witnesses.id,
    which: ({ username }) => and(isNull(witnesses.witnessId), eq(sql`lower(${witnesses.witnessName})`, username)),
    erase: eraseWitnesses,
  },
  uploads: {
    id: uploads.id,
    which: ({ userId }) => eq(uploads.userId, userId),
    erase: (ids) => Db.use().update(uploads).set({ fileName: ERASED.fileName }).where(inArray(uploads.id, ids)),
  },
};

async function eraseWitnesses(ids: string[]): Promise<void> {
  const gone = { witnessName: ERASED.member, statement: null };
  await Db.use().update(witnesses).set(gone).where(inArray(witnesses.id, ids));
  await closeProofs(ids);
}

async function idsOf(id: PgColumn, where: SQL): Promise<string[]> {
  const rows = await Db.use()
    .select({ id: sql<string>`${id}` })
    .from(id.table)
    .where(where);
  return rows.map((row) => row.id);
}

/**
 * Deletes the salts of the erased texts. Proofs contain a salted hash of each text (its commitment): without the salt,
 * an outsider cannot find the text by hashing guesses.
 */
async function closeProofs(subjectIds: readonly string[]): Promise<void> {
  if (subjectIds.length === 0) return;
  await Db.use()
    .delete(proofSalts)
    .where(inArray(proofSalts.subjectId, [...subjectIds]));
}

/** The next ids of a section, in ascending order. */
export async function nextIds({ id, which }: RowSection, erasure: Erasure, most: number): Promise<string[]> {
  const after = erasure.lastId === null ? undefined : gt(id, erasure.lastId);
  const rows = await Db.use()
    .select({ id: sql<string>`${id}` })
    .from(id.table)
    .where(and(which(erasure), after))
    .orderBy(asc(id))
    .limit(most);
  return rows.map((row) => row.id);
}
