import { and, asc, desc, eq, gte, isNotNull, isNull, lt, ne, sql } from "drizzle-orm";
import * as v from "valibot";
import { Db } from "../db/index.ts";
import { BANDS, evidence, pictureBandsOf } from "./evidence.sql.ts";
import { type Finding, type Place, placeFindings, speedFindings, spreadFindings } from "./findings.ts";

/** Bits that two pictures which look alike may differ in. With one band more than that, at least one is equal in both. */
const ALIKE_BITS = BANDS - 1;

/** Other pieces of the contribution more than 7 days away. What is hidden raises no doubt about what is not. */
export async function spreadDoubts(contributionId: string, claimedAt: Date): Promise<Finding[]> {
  const others = await Db.use()
    .select({ claimedAt: evidence.claimedAt })
    .from(evidence)
    .where(and(eq(evidence.contributionId, contributionId), ne(evidence.status, "refused"), isNull(evidence.hiddenAt)));
  return spreadFindings(
    claimedAt,
    others.map((other) => other.claimedAt),
  );
}

/** A reading that its member cannot have reached from the one before it, or left for the one after it, at any contribution. */
export async function speedDoubts(userId: string, place: Place, accuracy: number, claimedAt: Date): Promise<Finding[]> {
  const readings = (when: "before" | "after") =>
    Db.use()
      .select({
        at: evidence.claimedAt,
        lat: evidence.latitude,
        lon: evidence.longitude,
        accuracy: evidence.accuracyMeters,
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
    ({ at, lat, lon, accuracy }) =>
      lat === null || lon === null ? [] : [{ at, place: { lat, lon }, accuracyMeters: accuracy ?? 0 }],
  );
  return speedFindings({ at: claimedAt, place, accuracyMeters: accuracy }, neighbours);
}

const Exif = v.object({ place: v.object({ lat: v.number(), lon: v.number() }) });

/** A reading more than 1 km from where an accepted picture of the contribution says that it was taken. */
export async function pictureDoubts(contributionId: string, place: Place): Promise<Finding[]> {
  const taken = (await placesIn(contributionId)).flatMap(({ exif }) => placeOf(exif));
  return placeFindings(place, taken);
}

/** Where the accepted readings and pictures of a contribution were, for the place and the time that another picture says. */
export async function placesOf(contributionId: string): Promise<Place[]> {
  return (await placesIn(contributionId)).flatMap(({ lat, lon, exif }) =>
    lat === null || lon === null ? placeOf(exif) : [{ lat, lon }],
  );
}

function placesIn(contributionId: string) {
  return Db.use()
    .select({ lat: evidence.latitude, lon: evidence.longitude, exif: evidence.exif })
    .from(evidence)
    .where(
      and(eq(evidence.contributionId, contributionId), eq(evidence.status, "accepted"), isNull(evidence.hiddenAt)),
    );
}

function placeOf(exif: unknown): Place[] {
  const read = v.safeParse(Exif, exif);
  return read.success ? [read.output.place] : [];
}

/** An accepted picture of another contribution that looks the same. Doubt, never a refusal: two people may stand at one place. */
export async function likenessDoubts(contributionId: string, pictureHash: string): Promise<Finding[]> {
  const bits = sql<number>`bit_count(('x' || ${evidence.pictureHash})::bit(64) # ('x' || ${pictureHash}::text)::bit(64))`;
  const [alike] = await Db.use()
    .select({ id: evidence.id, bits })
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
  return alike
    ? [
        {
          code: "near_duplicate",
          detail: `The picture looks like that of evidence ${alike.id} of another contribution.`,
        },
      ]
    : [];
}
