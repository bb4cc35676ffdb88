import { and, eq, isNull, lt } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import type { Page } from "../../platform/page.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { notify } from "../notification/notify.ts";
import { type AttestationQuery, attestationPaging } from "./attestation-query.ts";
import { lockEvidence } from "./change.ts";
import { evidence, witnesses } from "./evidence.sql.ts";
import type { Attestation as AnswerInput } from "./input.ts";
import type { Attestation } from "./schema.ts";
import { describeWitness } from "./view.ts";

const columns = { witness: witnesses, row: evidence, title: contributions.title, ownerId: contributions.userId };
interface Row {
  readonly witness: typeof witnesses.$inferSelect;
  readonly row: typeof evidence.$inferSelect;
  readonly title: string;
  readonly ownerId: string;
}

/**
 * The attestations that wait for the current member's answer as a witness, newest first; only for undecided
 * contributions.
 */
export async function list(input: v.InferOutput<typeof AttestationQuery>): Promise<Page.Page<Attestation>> {
  const { userId } = Actor.member();
  const rows = await Db.use()
    .select(columns)
    .from(witnesses)
    .innerJoin(evidence, eq(evidence.id, witnesses.evidenceId))
    .innerJoin(contributions, eq(contributions.id, evidence.contributionId))
    .where(
      and(
        eq(witnesses.witnessId, userId),
        isNull(witnesses.hasConfirmed),
        eq(evidence.status, "accepted"),
        isNull(evidence.hiddenAt),
        isNull(contributions.hiddenAt),
        eq(contributions.verificationStatus, "pending"),
        optionalCondition(input.cursor, ([last]) => lt(witnesses.id, last)),
      ),
    )
    .orderBy(newestFirst(witnesses.id))
    .limit(input.limit + 1);
  return attestationPaging.page(rows, input.limit, ({ witness }) => [witness.id], toAttestation);
}

/**
 * Records that the current member, named as a witness, confirms or declines the attestation; until the decision they
 * may change their answer.
 * @throws AppError NOT_FOUND; FORBIDDEN unless the piece names the caller by id; CONTENT_HIDDEN, VERIFICATION_CLOSED,
 * INVALID_EVIDENCE_STATE
 */
export async function answer(evidenceId: string, { confirm }: v.InferOutput<typeof AnswerInput>): Promise<Attestation> {
  const { userId } = Actor.member();
  return Event.act(async () => {
    const { row, isDecided, isHidden } = await lockEvidence(evidenceId);
    const isOwn = and(eq(witnesses.evidenceId, evidenceId), eq(witnesses.witnessId, userId));
    const [named] = await Db.use().select({ before: witnesses.hasConfirmed }).from(witnesses).where(isOwn);
    if (!named) throw new AppError("FORBIDDEN", { detail: "Only a witness whom the piece names by id may do this." });
    if (isHidden) throw new AppError("CONTENT_HIDDEN");
    if (isDecided) throw new AppError("VERIFICATION_CLOSED");
    if (row.status !== "accepted")
      throw new AppError("INVALID_EVIDENCE_STATE", { detail: `The piece is ${row.status}; it must be accepted.` });
    await Db.use().update(witnesses).set({ hasConfirmed: confirm, answeredAt: Clock.now() }).where(isOwn);
    await Audit.record("evidence.attestation", "evidence", evidenceId, {
      contribution_id: row.contributionId,
      confirm,
    });
    if (named.before !== confirm)
      await notify([row.submittedBy], {
        kind: "witness_answered",
        actorId: userId,
        contributionId: row.contributionId,
        evidenceId,
        outcome: confirm ? "confirmed" : "declined",
      });
    return toAttestation(Db.only(await load(evidenceId, userId)));
  });
}

const load = (evidenceId: string, userId: string) =>
  Db.use()
    .select(columns)
    .from(witnesses)
    .innerJoin(evidence, eq(evidence.id, witnesses.evidenceId))
    .innerJoin(contributions, eq(contributions.id, evidence.contributionId))
    .where(and(eq(witnesses.evidenceId, evidenceId), eq(witnesses.witnessId, userId)));

function toAttestation({ witness, row, title, ownerId }: Row): Attestation {
  return {
    evidence_id: row.id,
    contribution_id: row.contributionId,
    title,
    user_id: ownerId,
    submitted_by: row.submittedBy,
    timestamp: row.claimedAt.toISOString(),
    ...describeWitness(witness),
  };
}

export * as Attestations from "./attestation.ts";
