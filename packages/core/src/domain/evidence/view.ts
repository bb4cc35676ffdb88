import { and, asc, eq, inArray } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Language } from "../../platform/language/index.ts";
import { Hidden } from "../hidden/index.ts";
import { evidence, witnesses } from "./evidence.sql.ts";
import { toReadings } from "./readings.ts";
import type { Details, Info, Witness } from "./schema.ts";

/**
 * Condition for reading a piece of a visible contribution: only the piece's submitter and admins can see a hidden
 * piece.
 */
export const visible = () => Hidden.visibleTo(evidence.hiddenAt, evidence.submittedBy);

/**
 * Reads a piece that the current member may see.
 * @throws AppError NOT_FOUND
 */
export async function load(evidenceId: string): Promise<typeof evidence.$inferSelect> {
  const [row] = await Db.use()
    .select()
    .from(evidence)
    .where(and(eq(evidence.id, evidenceId), visible()));
  if (!row) throw new AppError("NOT_FOUND");
  return row;
}

/**
 * Whether the current actor may see place, witnesses and findings. Verifiers and admins can also see those of a
 * withdrawn piece: a withdrawal must not hide evidence against its submitter or the contribution's owner.
 */
export function maySeeDetails(row: typeof evidence.$inferSelect, ownerId: string): boolean {
  const { userId, roles } = Actor.member();
  if (userId === row.submittedBy || roles.includes("verifier") || roles.includes("admin")) return true;
  return userId === ownerId && row.status !== "withdrawn";
}

/**
 * Whether the piece has a thumbnail that the current actor may see. Every member may see the thumbnail of an accepted
 * piece, since it has no metadata; only actors who may see the details may see the thumbnail of any other piece.
 */
export function hasThumbnailFor(row: typeof evidence.$inferSelect, ownerId: string): boolean {
  return hasThumbnail(row) && (row.status === "accepted" || maySeeDetails(row, ownerId));
}

/**
 * Whether the piece has a thumbnail: a decoded picture has both a perceptual hash and a thumbnail, which an erasure
 * deletes.
 */
export const hasThumbnail = ({
  pictureHash,
  erasedAt,
}: Pick<typeof evidence.$inferSelect, "pictureHash" | "erasedAt">): boolean =>
  pictureHash !== null && erasedAt === null;

/** The witnesses of several pieces, in one query. */
export async function witnessesOf(evidenceIds: readonly string[]): Promise<(typeof witnesses.$inferSelect)[]> {
  if (evidenceIds.length === 0) return [];
  return Db.use()
    .select()
    .from(witnesses)
    .where(inArray(witnesses.evidenceId, [...evidenceIds]))
    .orderBy(asc(witnesses.position));
}

type Say = (text: string) => string;

/** Translates the texts of findings and refusals, which are stored in English, into the language of the request. */
export const voice = (): Promise<Say> => Language.voice(Actor.language() ?? "en");

/**
 * A piece with the fields that the current actor may see.
 * @param say from {@link voice}
 */
export function describe(
  row: typeof evidence.$inferSelect,
  ownerId: string,
  named: readonly (typeof witnesses.$inferSelect)[],
  say: Say,
): Info {
  const hasDetails = maySeeDetails(row, ownerId);
  return {
    id: row.id,
    contribution_id: row.contributionId,
    submitted_by: row.submittedBy,
    evidence_type: row.evidenceType,
    status: row.status,
    timestamp: row.claimedAt.toISOString(),
    media_hash: row.mediaHash,
    thumbnail: hasThumbnailFor(row, ownerId) ? `/v1/evidence/${row.id}/thumbnail` : null,
    refusal: row.refusalCode === null ? null : { code: row.refusalCode, detail: say(row.refusalDetail ?? "") },
    created_at: row.createdAt.toISOString(),
    decided_at: row.decidedAt?.toISOString() ?? null,
    withdrawal:
      row.withdrawnAt === null || row.withdrawnBy === null
        ? null
        : {
            at: row.withdrawnAt.toISOString(),
            by: row.withdrawnBy,
            reason: hasDetails ? row.withdrawalReason : null,
          },
    details: hasDetails ? translated(detailsOf(row, named), say) : null,
    hidden: Hidden.mark(row),
  };
}

/** One piece with its witnesses, as {@link describe}, in the language of the request. */
export async function describeOne(row: typeof evidence.$inferSelect, ownerId: string): Promise<Info> {
  return describe(row, ownerId, await witnessesOf([row.id]), await voice());
}

const translated = ({ findings, ...details }: Details, say: Say): Details => ({
  ...details,
  findings: findings.map((finding) => ({ ...finding, detail: say(finding.detail) })),
});

/** The fields of a piece that only some members may see: see {@link maySeeDetails}. */
export function detailsOf(
  row: typeof evidence.$inferSelect,
  named: readonly (typeof witnesses.$inferSelect)[],
): Details {
  return {
    location: row.latitude === null || row.longitude === null ? null : { lat: row.latitude, lon: row.longitude },
    accuracy_meters: row.accuracyMeters,
    altitude_meters: row.altitudeMeters,
    speed_mps: row.speedMps,
    witnesses: named.filter((witness) => witness.evidenceId === row.id).map(describeWitness),
    file: toReadings(row.exif),
    evidence_data: row.evidenceData,
    findings: row.findings,
  };
}

export function describeWitness(witness: typeof witnesses.$inferSelect): Witness {
  return {
    witness_name: witness.witnessName,
    witness_id: witness.witnessId,
    relationship: witness.relationship,
    statement: witness.statement,
    confirmation: confirmationOf(witness),
  };
}

export function confirmationOf({
  hasConfirmed,
}: Pick<typeof witnesses.$inferSelect, "hasConfirmed">): Witness["confirmation"] {
  if (hasConfirmed === null) return "named";
  return hasConfirmed ? "confirmed" : "declined";
}

export * as EvidenceView from "./view.ts";
