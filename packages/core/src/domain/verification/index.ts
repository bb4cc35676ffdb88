import { and, count, eq } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { Contribution } from "../contribution/index.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { EvidenceList, closeOpen } from "../evidence/index.ts";
import { Event } from "../../outbox/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Hidden } from "../hidden/index.ts";
import { notify } from "../notification/notify.ts";
import { lockMembers } from "../user/row.ts";
import { MAX_CHARACTERS, OUTCOMES, verifications } from "../contribution/verification.sql.ts";
import type { Result } from "./schema.ts";

export type { Result } from "./schema.ts";

export const VoteInput = v.strictObject({
  outcome: Input.oneOf(OUTCOMES),
  notes: v.optional(Input.text(0, MAX_CHARACTERS.notes)),
  /** The `evidence_version` that the verifier has seen: the vote counts only if it is still the current one. */
  evidence_version: v.optional(v.pipe(Input.string(), v.regex(/^[0-9a-f]{64}$/, "must be 64 hex digits"))),
});

/**
 * Records a verifier's vote. Once the quorum is reached the majority decides, in the same transaction.
 * @throws AppError FORBIDDEN without the role, on the verifier's own contribution, or as a party to its evidence;
 * NOT_FOUND, ALREADY_VERIFIED, VERIFICATION_CLOSED, CONTENT_HIDDEN; EVIDENCE_CHANGED when `evidence_version` is
 * outdated
 */
export async function vote(contributionId: string, input: v.InferOutput<typeof VoteInput>): Promise<Result> {
  const { userId } = Actor.memberWith("verifier");
  return Event.act(async () => {
    await lockMembers();
    const contribution = await ownerAndStatus(contributionId, "update");
    if (contribution.userId === userId)
      throw new AppError("FORBIDDEN", { detail: "You cannot verify your own contribution." });
    Hidden.assertNot(contribution);
    const [before] = await Db.use()
      .select({ id: verifications.id })
      .from(verifications)
      .where(and(eq(verifications.contributionId, contributionId), eq(verifications.verifierId, userId)));
    if (before) throw new AppError("ALREADY_VERIFIED");
    if (contribution.verificationStatus !== "pending") throw new AppError("VERIFICATION_CLOSED");
    await assertNoParty(contributionId, userId);
    if (input.evidence_version !== undefined) await assertSeen(contributionId, input.evidence_version);
    const row = Db.only(
      await Db.use()
        .insert(verifications)
        .values({
          id: Id.uuid(),
          contributionId,
          verifierId: userId,
          outcome: input.outcome,
          notes: input.notes ?? null,
        })
        .returning(Contribution.voteColumns),
    );
    const decision = decide(await tally(contributionId), Config.section("rules").VERIFICATION_QUORUM);
    if (decision !== "pending") await recordDecision(contributionId, decision, Clock.now());
    await notify([contribution.userId], {
      ...(decision === "pending"
        ? { kind: "vote_received" as const, outcome: input.outcome }
        : { kind: "contribution_decided" as const, outcome: decision }),
      actorId: userId,
      contributionId,
    });
    return { verification: Contribution.toVote(row), verification_status: decision };
  });
}

/**
 * Rejects votes of parties to the evidence. The contribution is locked, as for each change of its evidence, so that no
 * member becomes a party meanwhile.
 * @throws AppError FORBIDDEN
 */
async function assertNoParty(contributionId: string, userId: string): Promise<void> {
  const [own] = await EvidenceList.partyOf(contributionId, userId);
  if (!own) return;
  throw new AppError("FORBIDDEN", {
    detail:
      own.submittedBy === userId
        ? "You submitted evidence to this contribution, so you cannot vote on it."
        : "You are named as a witness of this contribution, so you cannot vote on it.",
  });
}

async function assertSeen(contributionId: string, version: string): Promise<void> {
  if ((await EvidenceList.versionOf(contributionId)) !== version) throw new AppError("EVIDENCE_CHANGED");
}

/**
 * Records the decision and fixes the score; refuses the pieces of evidence that are not accepted yet. Runs in the
 * transaction of the deciding vote, which has locked the contribution.
 */
async function recordDecision(
  contributionId: string,
  verificationStatus: "verified" | "rejected",
  at: Date,
): Promise<void> {
  const { quality_score, reputation_multiplier } = Contribution.quality(await EvidenceList.factsOf(contributionId));
  await Db.use()
    .update(contributions)
    .set({
      verificationStatus,
      decidedAt: at,
      qualityScore: quality_score,
      reputationMultiplier: reputation_multiplier,
      updatedAt: at,
    })
    .where(eq(contributions.id, contributionId));
  await closeOpen(contributionId, at);
}

/** The decision that follows from the votes so far: pending below the quorum or on a tie, else the majority's. */
export function decide(
  votes: { approved: number; rejected: number },
  quorum: number,
): "pending" | "verified" | "rejected" {
  if (votes.approved + votes.rejected < quorum || votes.approved === votes.rejected) return "pending";
  return votes.approved > votes.rejected ? "verified" : "rejected";
}

async function tally(contributionId: string): Promise<{ approved: number; rejected: number }> {
  const rows = await Db.use()
    .select({ outcome: verifications.outcome, votes: count() })
    .from(verifications)
    .where(eq(verifications.contributionId, contributionId))
    .groupBy(verifications.outcome);
  const of = (outcome: string) => rows.find((row) => row.outcome === outcome)?.votes ?? 0;
  return { approved: of("approved"), rejected: of("rejected") };
}

export * as Verification from "./index.ts";
