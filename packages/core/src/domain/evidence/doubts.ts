import { and, asc, desc, eq, gte, inArray, isNotNull, isNull, lt, ne, or, sql } from "drizzle-orm";
import * as v from "valibot";
import { Db } from "../../platform/db/index.ts";
import { BANDS, evidence, pictureBandsOf } from "./evidence.sql.ts";
import {
  type Finding,
  type Place,
  type Sighting,
  likenessFindings,
  placeFindings,
  speedFindings,
  spreadFindings,
} from "./findings.ts";

/** Bits that two pictures which look alike may differ in. With one band more than that, at least one is equal in both. */
const ALIKE_BITS = BANDS - 1;

/** A piece of evidence about which there may be doubts. */
export interface Piece {
  /** Undefined for one that is not stored yet. */
  readonly id?: string;
  readonly contributionId: string;
  readonly submittedBy: string;
}

const source = { evidenceId: evidence.id, submittedBy: evidence.submittedBy };

/**
 * What a piece is compared with: the accepted pieces of its contribution, and those of its own submitter that may yet be accepted. What
 * another member added without the owner's consent raises no doubt about the pieces of others, and what is hidden none at all.
 */
const others = ({ id, contributionId, submittedBy }: Piece) =>
  and(
    eq(evidence.contributionId, contributionId),
    isNull(evidence.hiddenAt),
    id === undefined ? undefined : ne(evidence.id, id),
    or(
      eq(evidence.status, "accepted"),
      and(eq(evidence.submittedBy, submittedBy), inArray(evidence.status, ["examining", "awaiting_consent"])),
    ),
  );

/** Other pieces of the contribution more than 7 days away. */
export async function spreadDoubts(piece: Piece, claimedAt: Date): Promise<Finding[]> {
  const pieces = await Db.use()
    .select({ at: evidence.claimedAt, ...source })
    .from(evidence)
    .where(others(piece));
  return spreadFindings(
    claimedAt,
    pieces.map(({ at, ...from }) => ({ at, source: from })),
  );
}

/**
 * A reading that its member cannot have reached from the one before it, or left for the one after it, at any contribution. Readings that
 * were withdrawn count as well: nobody takes back where they said that they were.
 */
export async function speedDoubts(userId: string, place: Place, accuracy: number, claimedAt: Date): Promise<Finding[]> {
  const readings = (when: "before" | "after") =>
    Db.use()
      .select({
        at: evidence.claimedAt,
        lat: evidence.latitude,
        lon: evidence.longitude,
        accuracy: evidence.accuracyMeters,
        ...source,
      })
      .from(evidence)
      .where(
        and(
          eq(evidence.submittedBy, userId),
          eq(evidence.evidenceType, sql.raw("'gps_verification'")), // as the index says it
          when === "before" ? lt(evidence.claimedAt, claimedAt) : gte(evidence.claimedAt, claimedAt),
        ),
      )
      .orderBy(when === "before" ? desc(evidence.claimedAt) : asc(evidence.claimedAt))
      .limit(1);
  const neighbours = [...(await readings("before")), ...(await readings("after"))].flatMap(
    ({ at, lat, lon, accuracy: meters, ...from }) =>
      lat === null || lon === null ? [] : [{ at, place: { lat, lon }, accuracyMeters: meters ?? 0, source: from }],
  );
  return speedFindings({ at: claimedAt, place, accuracyMeters: accuracy }, neighbours);
}

const Exif = v.object({ place: v.object({ lat: v.number(), lon: v.number() }) });

/** A reading more than 1 km from where a picture of the contribution says that it was taken. */
export async function pictureDoubts(piece: Piece, place: Place): Promise<Finding[]> {
  const pictures = (await placesIn(piece)).filter(({ lat }) => lat === null);
  return placeFindings(place, pictures.flatMap(toSightings));
}

/** Where the readings and pictures of a contribution were, for the place and the time that another picture says. */
export async function placesOf(piece: Piece): Promise<Sighting[]> {
  return (await placesIn(piece)).flatMap(toSightings);
}

interface Placed {
  readonly lat: number | null;
  readonly lon: number | null;
  readonly exif: unknown;
  readonly evidenceId: string;
  readonly submittedBy: string;
}

function placesIn(piece: Piece): PromiseLike<Placed[]> {
  return Db.use()
    .select({ lat: evidence.latitude, lon: evidence.longitude, exif: evidence.exif, ...source })
    .from(evidence)
    .where(others(piece));
}

function toSightings({ lat, lon, exif, ...from }: Placed): Sighting[] {
  const place = lat === null || lon === null ? exifPlace(exif) : { lat, lon };
  return place ? [{ ...place, source: from }] : [];
}

/** Where the EXIF that was kept of a picture says that it was taken. */
export function exifPlace(exif: unknown): Place | undefined {
  const read = v.safeParse(Exif, exif);
  return read.success ? read.output.place : undefined;
}

/** An accepted picture of another contribution that looks the same. Doubt, never a refusal: two people may stand at one place. */
export async function likenessDoubts(contributionId: string, pictureHash: string): Promise<Finding[]> {
  const bits = sql<number>`bit_count(('x' || ${evidence.pictureHash})::bit(64) # ('x' || ${pictureHash}::text)::bit(64))`;
  const [alike] = await Db.use()
    .select({ ...source, bits })
    .from(evidence)
    .where(
      and(
        sql`${pictureBandsOf(sql`${evidence.pictureHash}`)} && ${pictureBandsOf(sql`${pictureHash}::text`)}`,
        isNotNull(evidence.pictureHash),
        ne(evidence.contributionId, contributionId),
        eq(evidence.status, "accepted"),
        sql`${bits} <= ${ALIKE_BITS}`,
      ),
    )
    .orderBy(asc(bits), asc(evidence.id))
    .limit(1);
  return alike ? likenessFindings({ evidenceId: alike.evidenceId, submittedBy: alike.submittedBy }) : [];
}
