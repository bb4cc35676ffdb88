import { createHash } from "node:crypto";
import { asc, eq, inArray } from "drizzle-orm";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { Random } from "../../platform/random.ts";
import { Event } from "../../outbox/index.ts";
import { webhookEvents } from "../../outbox/event.sql.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { verifications } from "../contribution/verification.sql.ts";
import { EvidenceView } from "../evidence/index.ts";
import { evidence, uploads, witnesses } from "../evidence/evidence.sql.ts";
import { canonical, digest } from "./canonical.ts";
import type { Link } from "./schema.ts";

/** A link before it is part of a chain. */
export interface Draft extends Pick<Link, "kind" | "id" | "body"> {
  /** Texts and places of members, to which the link contains only commitments. */
  readonly secrets: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** The piece of evidence that the link describes. */
  readonly evidence?: typeof evidence.$inferSelect;
}

export const FIRST = "0".repeat(64);

const SALT_HEX_DIGITS = 32;
/**
 * Creates the salt for the commitments (salted hashes) of one link. With 128 bits, an outsider without the salt cannot
 * guess values and compare their hashes.
 */
export const newSalt = (): string => Random.hex(SALT_HEX_DIGITS);

const commitment = (salt: string, name: string, value: unknown): string => digest([salt, name, value]);

/** Chains links, starting from the hash of the previous link. */
export function chain(drafts: readonly Draft[], saltOf: (id: string) => string, before: string = FIRST): Link[] {
  let previous = before;
  return drafts.map(({ kind, id, body, secrets }) => {
    const sealed = Object.fromEntries(
      Object.entries(secrets).map(([name, value]) => [name, commitment(saltOf(id), name, value)]),
    );
    const link = { kind, id, body, sealed, previous };
    previous = digest(link);
    return { ...link, hash: previous };
  });
}

/**
 * The current facts of several contributions, read in five queries: each contribution, its evidence with its witnesses,
 * its votes, its events.
 */
export async function draftsOf(contributionIds: readonly string[]): Promise<ReadonlyMap<string, readonly Draft[]>> {
  const ids = [...contributionIds];
  if (ids.length === 0) return new Map();
  const rows = await Db.use().select().from(contributions).where(inArray(contributions.id, ids));
  const pieces = await Db.use()
    .select({ row: evidence, file: uploads })
    .from(evidence)
    .leftJoin(uploads, eq(uploads.id, evidence.uploadId))
    .where(inArray(evidence.contributionId, ids))
    .orderBy(asc(evidence.id));
  const named = await EvidenceView.witnessesOf(pieces.map(({ row }) => row.id));
  const votes = await Db.use()
    .select()
    .from(verifications)
    .where(inArray(verifications.contributionId, ids))
    .orderBy(asc(verifications.id));
  const events = await Db.use()
    .select()
    .from(webhookEvents)
    .where(inArray(webhookEvents.subject, ids.map(Event.contributionSubject)))
    .orderBy(asc(webhookEvents.sequence));
  return new Map(
    rows.map((row) => [
      row.id,
      [
        contributionDraft(row),
        ...pieces
          .filter((piece) => piece.row.contributionId === row.id)
          .flatMap((piece) => evidenceDrafts(piece.row, piece.file, named)),
        ...votes.filter((vote) => vote.contributionId === row.id).map(voteDraft),
        ...events.filter((event) => event.subject === Event.contributionSubject(row.id)).map(eventDraft),
      ],
    ]),
  );
}

function contributionDraft(row: typeof contributions.$inferSelect): Draft {
  return {
    kind: "contribution",
    id: row.id,
    body: {
      contribution_type: row.contributionType,
      user_id: row.userId,
      task_id: row.taskId,
      skill_ids: row.skillIds,
      created_at: row.createdAt.toISOString(),
      verification_status: row.verificationStatus,
      decided_at: row.decidedAt?.toISOString() ?? null,
      quality_score: row.qualityScore,
      reputation_multiplier: row.reputationMultiplier,
    },
    secrets: { texts: { title: row.title, description: row.description, metadata: row.metadata } },
  };
}

function evidenceDrafts(
  row: typeof evidence.$inferSelect,
  file: typeof uploads.$inferSelect | null,
  named: readonly (typeof witnesses.$inferSelect)[],
): Draft[] {
  const { witnesses: _witnesses, ...details } = EvidenceView.detailsOf(row, []);
  const piece: Draft = {
    kind: "evidence",
    id: row.id,
    body: {
      ...statusOf(row),
      evidence_type: row.evidenceType,
      submitted_by: row.submittedBy,
      claimed_at: row.claimedAt.toISOString(),
      created_at: row.createdAt.toISOString(),
      decided_at: row.decidedAt?.toISOString() ?? null,
      refusal_code: row.refusalCode,
      file: file && {
        sha256: file.sha256,
        size_bytes: file.sizeBytes,
        content_type: file.contentType,
        bucket: Config.section("storage").S3_BUCKET,
        key: file.objectKey,
        version_id: row.objectVersionId,
      },
    },
    secrets: { details },
    evidence: row,
  };
  const about = named.filter((witness) => witness.evidenceId === row.id);
  return [piece, ...about.map((witness) => witnessDraft(witness, row))];
}

/** The fields of a piece of evidence that may change after the decision. */
export const statusOf = (row: typeof evidence.$inferSelect) => ({
  status: row.status,
  withdrawn_at: row.withdrawnAt?.toISOString() ?? null,
  erased_at: row.erasedAt?.toISOString() ?? null,
});

function witnessDraft(witness: typeof witnesses.$inferSelect, row: typeof evidence.$inferSelect): Draft {
  return {
    kind: "witness",
    id: witness.id,
    body: {
      evidence_id: witness.evidenceId,
      position: witness.position,
      witness_id: witness.witnessId,
      relationship: witness.relationship,
      confirmation: EvidenceView.confirmationOf(witness),
    },
    secrets: { statement: { witness_name: witness.witnessName, statement: witness.statement } },
    evidence: row,
  };
}

function voteDraft(vote: typeof verifications.$inferSelect): Draft {
  return {
    kind: "vote",
    id: vote.id,
    body: { verifier_id: vote.verifierId, outcome: vote.outcome, created_at: vote.createdAt.toISOString() },
    secrets: { notes: { notes: vote.notes } },
  };
}

function eventDraft(event: typeof webhookEvents.$inferSelect): Draft {
  return {
    kind: "event",
    id: event.id,
    body: {
      event_type: event.eventType,
      sequence: event.sequence,
      /** Hash of the bytes that Markov received. */
      body_sha256: createHash("sha256").update(event.body).digest("hex"),
      created_at: event.createdAt.toISOString(),
      delivery: event.status,
      attempts: event.attempts,
      delivered_at: event.deliveredAt?.toISOString() ?? null,
    },
    secrets: {},
  };
}

/** Whether two values are the same as JSON. */
export const isSame = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);
