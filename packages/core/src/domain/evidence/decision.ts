import { and, asc, eq, isNull } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { notify } from "../notification/notify.ts";
import { notifyVerifiers } from "../notification/verifiers.ts";
import { authorOf } from "../user/row.ts";
import { Event, type Body } from "../../outbox/index.ts";
import { findingsOfFile } from "./comparisons.ts";
import { evidence, witnesses } from "./evidence.sql.ts";
import type { FileResult } from "./examiner/result.ts";
import { mergeFindings } from "./findings.ts";
import { storedLikeness } from "./picture-likeness.ts";

type Row = typeof evidence.$inferSelect;
type Genuine = Pick<Extract<FileResult, { ok: true }>, "exif" | "likeness">;
export type Decision = "accepted" | "awaiting_consent" | "refused" | "unchanged";
type Proof = Extract<Body, { event_type: "por_evidence" }>["proof"];

/** The status of a valid piece: a piece of the contribution's owner counts at once, any other needs the owner's consent. */
export const statusOf = (submittedBy: string, ownerId: string) =>
  submittedBy === ownerId ? ("accepted" as const) : ("awaiting_consent" as const);

/**
 * Ends the examination of a piece whose file is genuine, unless it has ended: the piece of the contribution's owner is
 * accepted, any other awaits the owner's consent ({@link statusOf}), each with the findings of its file. Refuses the
 * piece if its file was accepted elsewhere meanwhile.
 */
export async function finishExamination(row: Row, { exif, likeness }: Genuine): Promise<Decision> {
  try {
    return await Event.act(async () => {
      // Takes the lock that `submit` and the deciding vote take. So the later of two concurrent pieces is compared with
      // the earlier one, and a deciding vote leaves no piece in examination.
      const { userId: ownerId } = await ownerAndStatus(row.contributionId, "no key update");
      const findings = mergeFindings(row.findings, await findingsOfFile(row, exif, likeness));
      const now = Clock.now();
      const status = statusOf(row.submittedBy, ownerId);
      const [changed] = await Db.use()
        .update(evidence)
        .set({
          status,
          findings,
          exif: { ...exif },
          ...(likeness === undefined ? {} : storedLikeness(likeness)),
          decidedAt: status === "accepted" ? now : null,
          updatedAt: now,
        })
        .where(and(eq(evidence.id, row.id), eq(evidence.status, "examining"), isNull(evidence.hiddenAt)))
        .returning();
      if (!changed) return "unchanged";
      await emitOrAskConsent(changed, ownerId);
      return status;
    });
  } catch (error) {
    if (Db.brokenConstraint(error) !== "evidence_media_hash_accepted_key") throw error;
    return refuse(row.id, "examining", DUPLICATE);
  }
}

/**
 * Emits the event of an accepted piece; asks the contribution's owner for their consent to any other piece. Must run
 * inside the act that adds the piece, or ends its examination.
 */
export async function emitOrAskConsent(row: Row, ownerId: string): Promise<void> {
  if (row.status === "accepted") await emitAccepted(row);
  else await askConsent(row, ownerId);
}

/**
 * Emits the event of an accepted piece, and notifies its witnesses and the verifiers. Must run inside the act that
 * accepts it.
 */
export async function emitAccepted(row: Row): Promise<void> {
  await Event.emit(Event.contributionSubject(row.contributionId), await authorOf(row.submittedBy), {
    event_type: "por_evidence",
    subject: { contribution_id: row.contributionId, evidence_type: row.evidenceType, evidence_data: row.evidenceData },
    proof: { timestamp: row.claimedAt.toISOString(), ...(await proofOf(row)) },
  });
  await notifyOfAccepted(row);
}

/**
 * Asks the witnesses whom the piece names to answer, and notifies verifiers that a contribution waits for their votes.
 */
async function notifyOfAccepted(row: Row): Promise<void> {
  const about = { actorId: row.submittedBy, contributionId: row.contributionId, evidenceId: row.id };
  if (row.evidenceType === "witness_attestation") {
    const named = await Db.use()
      .select({ id: witnesses.witnessId })
      .from(witnesses)
      .where(eq(witnesses.evidenceId, row.id));
    await notify(
      named.map(({ id }) => id),
      { kind: "witness_asked", ...about },
    );
  }
  await notifyVerifiers(about);
}

/** Asks the owner of a contribution for their consent to a piece that another member added. */
async function askConsent(row: Row, ownerId: string): Promise<void> {
  const { id: evidenceId, contributionId, submittedBy: actorId } = row;
  await notify([ownerId], { kind: "evidence_waiting", actorId, contributionId, evidenceId });
}

async function proofOf(row: Row): Promise<Omit<Proof, "timestamp">> {
  if (row.mediaHash !== null) return { media_hash: row.mediaHash };
  if (row.latitude !== null && row.longitude !== null) return { location: { lat: row.latitude, lon: row.longitude } };
  const named = await Db.use()
    .select()
    .from(witnesses)
    .where(eq(witnesses.evidenceId, row.id))
    .orderBy(asc(witnesses.position));
  return {
    witnesses: named.map((witness) => ({
      witness_name: witness.witnessName,
      ...(witness.witnessId === null ? {} : { witness_id: witness.witnessId }),
      ...(witness.relationship === null ? {} : { relationship: witness.relationship }),
      ...(witness.statement === null ? {} : { statement: witness.statement }),
    })),
  };
}

export interface Refusal {
  readonly code: string;
  readonly detail: string;
}

export const DUPLICATE: Refusal = { code: "DUPLICATE_FILE", detail: "The file is already used as evidence." };

/** Refuses a piece if it still has the status `from`. */
export async function refuse(
  evidenceId: string,
  from: "examining" | "awaiting_consent",
  { code, detail }: Refusal,
): Promise<"refused" | "unchanged"> {
  const now = Clock.now();
  return Event.act(async () => {
    const [row] = await Db.use()
      .update(evidence)
      .set({ status: "refused", refusalCode: code, refusalDetail: detail, decidedAt: now, updatedAt: now })
      .where(and(eq(evidence.id, evidenceId), eq(evidence.status, from)))
      .returning({ submittedBy: evidence.submittedBy, contributionId: evidence.contributionId });
    if (!row) return "unchanged";
    await notify([row.submittedBy], {
      kind: "evidence_refused",
      actorId: null,
      contributionId: row.contributionId,
      evidenceId,
    });
    return "refused";
  });
}
