import { and, eq, inArray, notInArray, sql } from "drizzle-orm";
import type { PgUpdateSetSource } from "drizzle-orm/pg-core";
import { Actor } from "../../platform/actor.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { lockMembers } from "../user/row.ts";
import { type EVIDENCE_STATUSES, evidence } from "./evidence.sql.ts";
import { load } from "./view.ts";

export type Row = typeof evidence.$inferSelect;
type Status = (typeof EVIDENCE_STATUSES)[number];

/**
 * A piece of evidence whose contribution is locked: the status of neither can change until the current transaction
 * ends.
 */
export interface LockedEvidence {
  readonly row: Row;
  readonly ownerId: string;
  readonly isDecided: boolean;
  /** Whether the piece or its contribution is hidden. */
  readonly isHidden: boolean;
}

/**
 * Locks the contribution of a piece, as submitting, accepting and deciding do, so that all status changes run one after
 * another.
 * @throws AppError UNAUTHENTICATED, NOT_FOUND
 */
export async function lockEvidence(evidenceId: string): Promise<LockedEvidence> {
  const before = await load(evidenceId);
  await lockMembers();
  const contribution = await ownerAndStatus(before.contributionId, "no key update");
  const row = await load(evidenceId);
  return {
    row,
    ownerId: contribution.userId,
    isDecided: contribution.verificationStatus !== "pending",
    isHidden: contribution.hiddenAt !== null || row.hiddenAt !== null,
  };
}

/**
 * Changes a piece if its status is one of `from`.
 * @throws AppError INVALID_EVIDENCE_STATE
 */
export async function change(row: Row, from: readonly Status[], to: PgUpdateSetSource<typeof evidence>): Promise<Row> {
  const [changed] = await Db.use()
    .update(evidence)
    .set(to)
    .where(and(eq(evidence.id, row.id), inArray(evidence.status, [...from])))
    .returning();
  if (!changed)
    throw new AppError("INVALID_EVIDENCE_STATE", {
      detail: `The piece is ${row.status}; it must be ${from.join(" or ")}.`,
    });
  return changed;
}

/**
 * Removes the findings that name a piece from the pieces of other members. Such findings stay on the pieces of its
 * submitter and of the current member.
 */
export async function removeFindingsBy({ id, contributionId, submittedBy }: Row): Promise<void> {
  await Db.use()
    .update(evidence)
    .set({
      findings: sql`(select coalesce(jsonb_agg(finding), '[]') from jsonb_array_elements(${evidence.findings}) finding where finding ->> 'evidence_id' is distinct from ${id})`,
    })
    .where(
      and(
        eq(evidence.contributionId, contributionId),
        notInArray(evidence.submittedBy, [submittedBy, Actor.member().userId]),
        sql`${evidence.findings} @> ${JSON.stringify([{ evidence_id: id }])}::jsonb`,
      ),
    );
}
