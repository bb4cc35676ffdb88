import { and, asc, eq } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { notify } from "../notification/notify.ts";
import { notifyVerifiers } from "../notification/verifiers.ts";
import { authorOf } from "../user/row.ts";
import { Event, type Body } from "../../outbox/index.ts";
import { evidence, witnesses } from "./evidence.sql.ts";

type Proof = Extract<Body, { event_type: "por_evidence" }>["proof"];

/** Emits the event of an accepted piece. Must run inside the act that accepts it. */
export async function emitAccepted(row: typeof evidence.$inferSelect): Promise<void> {
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
async function notifyOfAccepted(row: typeof evidence.$inferSelect): Promise<void> {
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
export async function askConsent(row: typeof evidence.$inferSelect, ownerId: string): Promise<void> {
  const { id: evidenceId, contributionId, submittedBy: actorId } = row;
  await notify([ownerId], { kind: "evidence_waiting", actorId, contributionId, evidenceId });
}

async function proofOf(row: typeof evidence.$inferSelect): Promise<Omit<Proof, "timestamp">> {
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
