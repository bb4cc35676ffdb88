import type { Finding } from "./schema.ts";

export type { Finding } from "./schema.ts";

/** The other piece of evidence of a comparison, which a finding names. */
export interface Source {
  readonly evidenceId: string;
  readonly submittedBy: string;
}

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** A place, and the piece of evidence that states it. */
export interface Sighting extends Place {
  readonly source?: Source;
}

const finding = (code: string, detail: string, source?: Source): Finding => ({
  code,
  detail,
  evidence_id: source?.evidenceId ?? null,
  submitted_by: source?.submittedBy ?? null,
});

/** The element with the greatest measure above `least`; undefined if no element exceeds it. */
function greatest<T>(all: readonly T[], measure: (one: T) => number, least: number): T | undefined {
  const sorted = all.filter((one) => measure(one) > least).toSorted((a, b) => measure(b) - measure(a));
  return sorted[0];
}

const EARTH_RADIUS_METERS = 6_371_000;
const POOR_ACCURACY_METERS = 20;
const FAR_METERS = 1_000;
const EXIF_TOLERANCE_SECONDS = 60;
const APART_DAYS = 7;
/** Speed above which a movement is impossible: faster over ground than any passenger plane. */
const FASTEST_METERS_PER_SECOND = 1_000 / 3.6;

/** Great-circle distance in metres (haversine). */
export function distanceMeters(a: Place, b: Place): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const latitudes = Math.sin(radians(b.lat - a.lat) / 2) ** 2;
  const longitudes = Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  const h = latitudes + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * longitudes;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Adds later findings to a piece's findings; keeps only the first finding of each code. */
export function mergeFindings(known: readonly Finding[], more: readonly Finding[]): Finding[] {
  return [...known, ...more.filter(({ code }) => known.every((one) => one.code !== code))];
}

/** Returns a finding if the GPS accuracy is worse than 20 m. */
export function accuracyFindings(accuracyMeters: number | undefined): Finding[] {
  if (accuracyMeters === undefined || accuracyMeters <= POOR_ACCURACY_METERS) return [];
  return [finding("gps_inaccurate", `The reading is only accurate to ${Math.round(accuracyMeters)} m.`)];
}

/**
 * Returns a finding if the picture's place is more than 1 km from a GPS reading or another picture of the contribution.
 */
export function placeFindings(taken: Place | undefined, readings: readonly Sighting[]): Finding[] {
  if (!taken) return [];
  const meters = (reading: Sighting) => distanceMeters(taken, reading);
  const farthest = greatest(readings, meters, FAR_METERS);
  if (!farthest) return [];
  const kilometers = (meters(farthest) / 1000).toFixed(1);
  return [
    finding("exif_place", `The picture was taken ${kilometers} km from another reading or picture.`, farthest.source),
  ];
}

/** The place of a member at a time, according to a GPS reading. */
export interface Reading {
  readonly at: Date;
  readonly place: Place;
  readonly accuracyMeters: number;
  readonly source?: Source;
}

/** Returns a finding if the speed between two readings of one member is impossible, after subtracting the accuracy of both. */
export function speedFindings(reading: Reading, others: readonly Reading[]): Finding[] {
  const metersPerSecond = (other: Reading) => {
    const meters = distanceMeters(reading.place, other.place) - reading.accuracyMeters - other.accuracyMeters;
    const seconds = Math.max(1, Math.abs(reading.at.getTime() - other.at.getTime()) / 1000);
    return meters / seconds;
  };
  const fastest = greatest(others, metersPerSecond, FASTEST_METERS_PER_SECOND);
  if (!fastest) return [];
  const speed = Math.round(metersPerSecond(fastest) * 3.6);
  return [
    finding("impossible_speed", `Another reading of this member implies a speed of ${speed} km/h.`, fastest.source),
  ];
}

/** Returns a finding if the claimed times of two pieces of evidence of one contribution differ by more than 7 days. */
export function spreadFindings(
  claimed: Date,
  others: readonly { readonly at: Date; readonly source?: Source }[],
): Finding[] {
  const days = (other: { readonly at: Date }) => Math.abs(other.at.getTime() - claimed.getTime()) / 86_400_000;
  const farthest = greatest(others, days, APART_DAYS);
  if (!farthest) return [];
  const detail = `Another piece of evidence is ${Math.round(days(farthest))} days away.`;
  return [finding("pieces_apart", detail, farthest.source)];
}

/** Returns a finding about a picture that looks like a picture of another contribution. */
export function likenessFindings(other: Source): Finding[] {
  const detail = `The picture looks like that of evidence ${other.evidenceId} of another contribution.`;
  return [finding("near_duplicate", detail, other)];
}

/** Returns a finding if a witness without an id has the contributor's username. The piece is not refused, since names are not unique. */
export function witnessFindings(
  username: string | undefined,
  named: readonly { readonly witness_name: string; readonly witness_id?: string | undefined }[],
): Finding[] {
  const isNamesake = named.some((one) => one.witness_id === undefined && one.witness_name.toLowerCase() === username);
  return isNamesake ? [finding("witness_name", "A witness has the contributor's username.")] : [];
}

/** Returns a finding about EXIF data with unreadable directories. The piece is not refused, since some programs damage EXIF data. */
export function metadataFindings(isUnreadable: boolean | undefined): Finding[] {
  if (!isUnreadable) return [];
  return [finding("metadata_unreadable", "Parts of the picture's metadata cannot be read.")];
}

/** Returns a finding if a picture was changed after it was signed, or its manifest is damaged. An unknown signer causes no finding. */
export function credentialFindings(integrity: "intact" | "broken" | undefined): Finding[] {
  if (integrity !== "broken") return [];
  return [finding("content_credentials_broken", "The picture was changed after its content credentials were signed.")];
}

/** When a picture or video was taken, according to its own metadata. */
export interface OwnTime {
  /** Local time of the camera, `YYYY-MM-DDTHH:MM:SS`, with the offset if the camera wrote one. */
  readonly taken?: { readonly local: string; readonly offset?: string | undefined };
  /** Time from GPS satellites, RFC 3339. */
  readonly gpsTime?: string;
  /** Whether a time without an offset may be UTC, wherever the picture was taken. */
  readonly mayBeUtc?: true;
  /** Length of a video, whose time may be that of its beginning or its end. */
  readonly durationSeconds?: number;
}

/**
 * Returns a finding if the EXIF time is more than 60 s from the claimed time. Cameras often write local time without an
 * offset. In that case, every offset is accepted that explains the camera's difference from satellite time, or that is
 * in use near `places`. Without satellite time and places, any offset is accepted (−12:00…+14:00, quarter hours), but a
 * separate finding is reported if the time matches the claim neither in UTC nor in one of the community's zones.
 * @param communityHours UTC offsets of the community, in hours
 */
export function timeFindings(
  claimed: Date,
  { taken, gpsTime, mayBeUtc, durationSeconds = 0 }: OwnTime,
  places: readonly Place[],
  communityHours: readonly number[] = [],
): Finding[] {
  const satellites = Date.parse(gpsTime ?? "");
  const exact = taken?.offset ? Date.parse(taken.local + taken.offset) : Number.NaN;
  const at = Number.isNaN(exact) && !taken ? satellites : exact;
  if (!Number.isNaN(at)) return awayFindings(Math.abs(at - claimed.getTime()) / 1000 - durationSeconds);
  if (!taken) return [];
  const local = Date.parse(`${taken.local}Z`);
  const [named, isNamed] = offsetsOf(local, satellites, places);
  const away = (hours: number) => Math.abs((local - claimed.getTime()) / 1000 - hours * 3600) - durationSeconds;
  const nearest = [...named, ...(mayBeUtc ? [0] : [])].toSorted((a, b) => away(a) - away(b)).at(0);
  const mismatch = awayFindings(nearest === undefined ? Number.NaN : away(nearest));
  const isExplained = [0, ...communityHours].some((hours) => !(away(hours) > EXIF_TOLERANCE_SECONDS));
  if (mismatch.length > 0 || nearest === undefined || isNamed || isExplained) return mismatch;
  const [hours, minutes] = [Math.trunc(Math.abs(nearest)), (Math.abs(nearest) % 1) * 60];
  const offset = `${nearest < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
  return [finding("exif_zone", `The picture's time has no time zone; it matches the claim at UTC${offset}.`)];
}

/** The offsets that the camera may have used, and whether other data confirms them. */
function offsetsOf(local: number, satellites: number, places: readonly Place[]): [hours: number[], isNamed: boolean] {
  // Satellite time comes from the last GPS reading, which may be old; some receivers are wrong by years.
  const ahead = (local - satellites) / 3_600_000;
  const near = OFFSET_HOURS.filter((hours) => Math.abs(hours - ahead) <= 0.5);
  if (near.length > 0) return [near, true];
  if (places.length === 0) return [OFFSET_HOURS, false];
  return [OFFSET_HOURS.filter((hours) => places.some(({ lon }) => isUsedAt(hours, lon))), true];
}

const OFFSET_HOURS = Array.from({ length: 26 * 4 + 1 }, (_, quarters) => quarters / 4 - 12);
/**
 * Whether an offset from UTC may be in use at a longitude: legal time differs from solar time by up to 3 hours, and
 * near the date line by a further day.
 */
const isUsedAt = (hours: number, lon: number) => Math.abs(((hours - lon / 15 + 36) % 24) - 12) <= 3;

function awayFindings(seconds: number): Finding[] {
  if (!(seconds > EXIF_TOLERANCE_SECONDS)) return [];
  return [finding("exif_time", `The picture's time differs from the claimed time by ${Math.round(seconds)} s.`)];
}
