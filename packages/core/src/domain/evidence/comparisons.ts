import { and, asc, desc, eq, gte, inArray, isNull, lt, ne, or, sql } from "drizzle-orm";
import * as v from "valibot";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { authorOf } from "../user/row.ts";
import { evidence } from "./evidence.sql.ts";
import type { Exif } from "./examiner/result.ts";
import {
  type Finding,
  type Place,
  type Sighting,
  accuracyFindings,
  credentialFindings,
  likenessFindings,
  metadataFindings,
  placeFindings,
  speedFindings,
  spreadFindings,
  timeFindings,
  witnessFindings,
} from "./findings.ts";
import type { Submission } from "./input.ts";
import type { Likeness } from "./picture-frequencies.ts";
import { ALIKE_BITS, compareWith, searchTokens } from "./picture-likeness.ts";

/** A piece of evidence to compare with other pieces. */
export interface Piece {
  /** The piece's id; undefined before the piece is stored. */
  readonly id?: string;
  readonly contributionId: string;
  readonly submittedBy: string;
}

const source = { evidenceId: evidence.id, submittedBy: evidence.submittedBy };

/**
 * Condition for the pieces to compare with: accepted pieces of the same contribution, and the submitter's own pieces
 * that may still be accepted. A piece that another member added without the owner's consent causes no findings on other
 * pieces, and a hidden piece causes none at all.
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

/** The findings about a new piece, as its submitter states it; its file is not examined yet. */
export async function findingsOfSubmission(piece: Piece, ownerId: string, input: Submission): Promise<Finding[]> {
  const claimedAt = new Date(input.proof.timestamp);
  const spread = await findSpread(piece, claimedAt);
  if (input.evidence_type === "witness_attestation")
    return [...spread, ...witnessFindings((await authorOf(ownerId)).username, input.proof.witnesses)];
  if (input.evidence_type !== "gps_verification") return spread;
  const { accuracy_meters, location } = input.proof;
  return [
    ...accuracyFindings(accuracy_meters),
    ...spread,
    ...(await findPicturePlaces(piece, location)),
    ...(await findSpeeds(piece.submittedBy, location, accuracy_meters ?? 0, claimedAt)),
  ];
}

/** The findings about the examined file of a piece. */
export async function findingsOfFile(
  piece: Piece & { readonly claimedAt: Date },
  exif: Exif,
  likeness: Likeness | undefined,
): Promise<Finding[]> {
  const places = (await placesIn(piece)).flatMap(toSightings);
  const isDocument = exif.pages !== undefined; // a document may be written before or after the event that it describes
  const communityHours = Config.section("examination").COMMUNITY_UTC_OFFSETS;
  return [
    ...(await findSpread(piece, piece.claimedAt)), // compares again, since other pieces may have been accepted after this one was submitted
    ...metadataFindings(exif.unreadable),
    ...credentialFindings(exif.contentCredentials?.integrity),
    ...(isDocument ? [] : timeFindings(piece.claimedAt, exif, exif.place ? [exif.place] : places, communityHours)),
    ...placeFindings(exif.place, places),
    ...(likeness === undefined ? [] : await findLookalikes(piece.contributionId, likeness)),
  ];
}

/**
 * The findings about a piece to which the contribution's owner consents. It is compared with other pieces only then,
 * since it does not count before.
 */
export async function findingsAtConsent(row: typeof evidence.$inferSelect): Promise<Finding[]> {
  const spread = await findSpread(row, row.claimedAt);
  if (row.latitude !== null && row.longitude !== null)
    return [...spread, ...(await findPicturePlaces(row, { lat: row.latitude, lon: row.longitude }))];
  const taken = exifPlace(row.exif);
  return taken ? [...spread, ...placeFindings(taken, (await placesIn(row)).flatMap(toSightings))] : spread;
}

/** Returns a finding if the claimed time of another piece of the contribution differs by more than 7 days. */
async function findSpread(piece: Piece, claimedAt: Date): Promise<Finding[]> {
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
 * Findings about impossible speeds. Compares a GPS reading with the same member's previous and next reading, of any
 * contribution. Withdrawn readings count too: a withdrawal does not undo the member's claim that they were at a place.
 */
async function findSpeeds(userId: string, place: Place, accuracy: number, claimedAt: Date): Promise<Finding[]> {
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
          eq(evidence.evidenceType, sql.raw("'gps_verification'")), // a literal instead of a parameter, so that the partial index applies
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

const ExifPlace = v.object({ place: v.object({ lat: v.number(), lon: v.number() }) });

/**
 * Findings about a GPS reading that is more than 1 km from the place in the EXIF data of one of the contribution's
 * pictures.
 */
async function findPicturePlaces(piece: Piece, place: Place): Promise<Finding[]> {
  const pictures = (await placesIn(piece)).filter(({ lat }) => lat === null);
  return placeFindings(place, pictures.flatMap(toSightings));
}

interface Placed {
  readonly lat: number | null;
  readonly lon: number | null;
  readonly exif: unknown;
  readonly evidenceId: string;
  readonly submittedBy: string;
}

/** The places of a contribution's GPS readings and pictures, for comparison with the place and time of another piece. */
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
function exifPlace(exif: unknown): Place | undefined {
  const read = v.safeParse(ExifPlace, exif);
  return read.success ? read.output.place : undefined;
}

/**
 * Maximum number of pictures to compare; pictures that share the most tokens come first. Among a million pictures, a
 * copy is one of the first few hundred.
 */
const MOST_CANDIDATES = 2_000;

const Candidates = v.array(v.object({ id: v.string() }));

/**
 * Returns a finding if an accepted picture of another contribution looks the same, also when it is mirrored, turned by
 * right angles, cropped by up to 8 % or framed. The piece is never refused, since two people may photograph the same
 * place.
 */
export async function findLookalikes(contributionId: string, likeness: Likeness): Promise<Finding[]> {
  const ids = await candidates(searchTokens(likeness));
  if (ids.length === 0) return [];
  const pictures = await Db.use()
    .select({ evidenceId: evidence.id, submittedBy: evidence.submittedBy, windows: evidence.pictureWindows })
    .from(evidence)
    .where(
      and(inArray(evidence.id, ids), ne(evidence.contributionId, contributionId), eq(evidence.status, "accepted")),
    );
  const differing = compareWith(likeness);
  const [alike] = pictures
    .map(({ windows, ...from }) => ({ from, bits: differing(windows ?? []) }))
    .filter(({ bits }) => bits <= ALIKE_BITS)
    .toSorted((a, b) => a.bits - b.bits || (a.from.evidenceId < b.from.evidenceId ? -1 : 1));
  return alike ? likenessFindings(alike.from) : [];
}

/**
 * The ids of pieces that share a token, those that share the most first. Looks up each token separately in the index:
 * for `&&` with hundreds of tokens, PostgreSQL estimates so many rows that it reads the whole table.
 */
async function candidates(tokens: readonly number[]): Promise<string[]> {
  if (tokens.length === 0) return [];
  const found = await Db.use().execute(sql`
    select shared.id
    from unnest(${`{${tokens.join(",")}}`}::int[]) as searched (token)
    cross join lateral (
      select ${evidence.id} as id from ${evidence} where ${evidence.pictureTokens} @> array[searched.token]
    ) shared
    group by shared.id
    order by count(*) desc, shared.id
    limit ${MOST_CANDIDATES}`);
  return v.parse(Candidates, [...found]).map(({ id }) => id);
}
