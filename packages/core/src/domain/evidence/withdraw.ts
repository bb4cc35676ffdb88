import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { change, removeFindingsBy, lockEvidence } from "./change.ts";
import type { Withdrawal } from "./input.ts";
import type { Info } from "./schema.ts";
import { describeOne } from "./view.ts";

/**
 * Withdraws a piece: it no longer counts, but verifiers can still see it. Its submitter and the contribution's owner
 * may withdraw it until the contribution is decided; an admin who is neither of them may at any time. A score fixed at
 * the decision stays. No event is sent, so Markov keeps the evidence (docs/adr/0014-evidence-and-the-decision.md).
 * Findings that the piece caused on pieces of its own submitter, or of the member who withdraws it, stay: withdrawing
 * one of two contradicting pieces must not hide the contradiction.
 * @throws AppError NOT_FOUND, FORBIDDEN, VERIFICATION_CLOSED, INVALID_EVIDENCE_STATE; VALIDATION_FAILED for an admin
 * without a reason
 */
export async function withdraw(evidenceId: string, input: v.InferOutput<typeof Withdrawal>): Promise<Info> {
  const { userId, roles } = Actor.member();
  return Db.transaction(async () => {
    const { row, ownerId, isDecided } = await lockEvidence(evidenceId);
    const isTheirs = userId === row.submittedBy || userId === ownerId;
    const isAdmin = roles.includes("admin");
    if (!isTheirs && !isAdmin)
      throw new AppError("FORBIDDEN", {
        detail: "Only the submitter, the contribution's owner or an admin may do this.",
      });
    // An admin who is the submitter or the contribution's owner has only the rights of a member.
    if (isDecided && (isTheirs || !isAdmin)) throw new AppError("VERIFICATION_CLOSED");
    if (!isTheirs && input.reason === undefined) throw invalidField("reason", "required", "is required");
    const now = Clock.now();
    const changed = await change(row, ["examining", "awaiting_consent", "accepted"], {
      status: "withdrawn",
      withdrawnAt: now,
      withdrawnBy: userId,
      withdrawalReason: input.reason ?? null,
      updatedAt: now,
    });
    if (!isDecided) await removeFindingsBy(row);
    await Audit.record("evidence.withdraw", "evidence", row.id, {
      contribution_id: row.contributionId,
      before: row.status,
      // A member's reason stays only in the piece, where an erasure removes it; an admin's reason goes to the audit
      // log.
      reason: isTheirs ? null : (input.reason ?? null),
    });
    return describeOne(changed, ownerId);
  });
}
