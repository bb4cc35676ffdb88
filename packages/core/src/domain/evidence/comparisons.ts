import { and, asc, desc, eq, gte, inArray, isNull, lt, ne, or, sql } from "drizzle-orm";
import * as v from "valibot";
import { Db } from "../../platform/db/index.ts";
import { evidence } from "./evidence.sql.ts";
import { type Finding, type Place, type Sighting, placeFindings, speedFindings, spreadFindings } from "./findings.ts";

/** A piece of evidence to compare with others. */
export interface Piece {
  /** Undefined before it is stored. */
  readonly id?: string;
  readonly contributionId: string;
  readonly submittedBy: string;
}

const source = { evidenceId: evidence.id, submittedBy: evidence.submittedBy };

/**
 * The pieces to compare with: accepted ones of the same contribution, and the submitter's own that may still be
 * accepted. A piece that another member added without the owner's consent causes no findings on other pieces, and a
 * hidden piece causes none at all.
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

/** Findings on other pieces of the contribution more than 7 days away. */
export async function findSpread(piece: Piece, claimedAt: Date): Promise<Finding[]> {
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
 * Findings on impossible speeds: compares a reading with the same member's previous and next one, at any contribution.
 * Withdrawn readings count too: a member cannot take back where they claimed to be.
 */
export async function findSpeeds(userId: string, place: Place, accuracy: number, claimedAt: Date): Promise<Finding[]> {
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
          eq(evidence.evidenceType, sql.raw("'gps_verification'")), // literal, to match the index
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

/** Findings on a reading more than 1 km from the place in the EXIF data of one of the contribution's pictures. */
export async function findPicturePlaces(piece: Piece, place: Place): Promise<Finding[]> {
  const pictures = (await placesIn(piece)).filter(({ lat }) => lat === null);
  return placeFindings(place, pictures.flatMap(toSightings));
}

/** The places of a contribution's readings and pictures, to compare with the place and time of another picture. */
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

/** The place in the stored EXIF data of a picture. */
export function exifPlace(exif: unknown): Place | undefined {
  const read = v.safeParse(Exif, exif);
  return read.success ? read.output.place : undefined;
}
