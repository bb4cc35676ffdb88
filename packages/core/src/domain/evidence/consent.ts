import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { notify } from "../notification/notify.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { DUPLICATE, emitAccepted, refuse } from "./decision.ts";
import { change, lockEvidence } from "./change.ts";
import { findingsAtConsent } from "./comparisons.ts";
import { mergeFindings } from "./findings.ts";
import type { Consent } from "./input.ts";
import type { Info } from "./schema.ts";
import { describeOne } from "./view.ts";

/**
 * Records the owner's decision on a piece that another member added: accepts it, so that it counts, or refuses it.
 * Refuses it in any case if another contribution has used the same file meanwhile.
 * @throws AppError NOT_FOUND; FORBIDDEN unless the caller is the owner; CONTENT_HIDDEN, VERIFICATION_CLOSED,
 * INVALID_EVIDENCE_STATE
 */
export async function consent(evidenceId: string, input: v.InferOutput<typeof Consent>): Promise<Info> {
  Actor.member();
  try {
    return await Event.act(() => answer(evidenceId, input.accept));
  } catch (error) {
    if (Db.brokenConstraint(error) !== "evidence_media_hash_accepted_key") throw error;
    await refuse(evidenceId, "awaiting_consent", DUPLICATE);
    const { row, ownerId } = await Db.transaction(() => lockEvidence(evidenceId));
    return describeOne(row, ownerId);
  }
}

async function answer(evidenceId: string, isAccepted: boolean): Promise<Info> {
  const { row, ownerId, isDecided, isHidden } = await lockEvidence(evidenceId);
  if (Actor.member().userId !== ownerId)
    throw new AppError("FORBIDDEN", { detail: "Only the owner of the contribution may do this." });
  if (isHidden) throw new AppError("CONTENT_HIDDEN");
  if (isDecided) throw new AppError("VERIFICATION_CLOSED");
  const now = Clock.now();
  const decided = { decidedAt: now, updatedAt: now };
  const to = isAccepted
    ? { ...decided, status: "accepted" as const, findings: mergeFindings(row.findings, await findingsAtConsent(row)) }
    : {
        ...decided,
        status: "refused" as const,
        refusalCode: "CONSENT_DECLINED",
        refusalDetail: "The owner of the contribution declined this piece.",
      };
  const changed = await change(row, ["awaiting_consent"], to);
  if (isAccepted) await emitAccepted(changed);
  else
    await notify([row.submittedBy], {
      kind: "evidence_refused",
      actorId: ownerId,
      contributionId: row.contributionId,
      evidenceId: row.id,
    });
  await Audit.record("evidence.consent", "evidence", row.id, {
    contribution_id: row.contributionId,
    accept: isAccepted,
  });
  return describeOne(changed, ownerId);
}
