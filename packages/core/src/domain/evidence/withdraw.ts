import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { change, dropFindingsOf, hold } from "./change.ts";
import type { Withdrawal } from "./input.ts";
import { type Info, describe, witnessesOf } from "./view.ts";

/**
 * Takes a piece back: it does not count any more, and verifiers still see it. Its submitter and the contribution's owner may until the
 * contribution is decided, other admins at any time; a score that was fixed at the decision stays. Markov has no event for it and
 * keeps what it was told (docs/adr/0014-evidence-and-the-decision.md). Findings that the piece raised on pieces of its own submitter, or
 * of the member who withdraws it, stay: withdrawing one of two pieces that contradict each other must not hide it.
 * @throws AppError NOT_FOUND, FORBIDDEN, VERIFICATION_CLOSED, INVALID_EVIDENCE_STATE; VALIDATION_FAILED for an admin without a reason
 */
export async function withdraw(evidenceId: string, input: v.InferOutput<typeof Withdrawal>): Promise<Info> {
  const { userId, roles } = Actor.member();
  return Db.transaction(async () => {
    const { row, ownerId, isDecided } = await hold(evidenceId);
    const isTheirs = userId === row.submittedBy || userId === ownerId;
    const isAdmin = roles.includes("admin");
    if (!isTheirs && !isAdmin)
      throw new AppError("FORBIDDEN", {
        detail: "Only who submitted the piece, the owner of the contribution or an admin may do this.",
      });
    // An admin whose own matter it is has the rights of a member.
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
    if (!isDecided) await dropFindingsOf(row);
    await Audit.record("evidence.withdraw", "evidence", row.id, {
      contribution_id: row.contributionId,
      before: row.status,
      // Words of a member stay in the piece alone, where an erasure finds them; an admin answers for theirs.
      reason: isTheirs ? null : (input.reason ?? null),
    });
    return describe(changed, ownerId, await witnessesOf([row.id]));
  });
}
