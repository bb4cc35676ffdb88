/** What raises doubt without proving fraud; kept on the evidence for verifiers. */
export interface Finding {
  readonly code: string;
  readonly detail: string;
}

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

const EARTH_RADIUS_METERS = 6_371_000;
const POOR_ACCURACY_METERS = 20;
const FAR_METERS = 1_000;
const EXIF_TOLERANCE_SECONDS = 60;
const APART_DAYS = 7;
/** Faster than any passenger plane flies over ground. */
const FASTEST_METERS_PER_SECOND = 1_000 / 3.6;

/** Great-circle distance in metres (haversine). */
export function distanceMeters(a: Place, b: Place): number {
  const radians = (degrees: number) => (degrees * Math.PI) / 180;
  const latitudes = Math.sin(radians(b.lat - a.lat) / 2) ** 2;
  const longitudes = Math.sin(radians(b.lon - a.lon) / 2) ** 2;
  const h = latitudes + Math.cos(radians(a.lat)) * Math.cos(radians(b.lat)) * longitudes;
  return 2 * EARTH_RADIUS_METERS * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** GPS accuracy worse than 20 m. */
export function accuracyFindings(accuracyMeters: number | undefined): Finding[] {
  if (accuracyMeters === undefined || accuracyMeters <= POOR_ACCURACY_METERS) return [];
  return [{ code: "gps_inaccurate", detail: `The reading is accurate to ${Math.round(accuracyMeters)} m only.` }];
}

/** A place in the picture more than 1 km from another reading of the same contribution. */
export function placeFindings(taken: Place | undefined, readings: readonly Place[]): Finding[] {
  if (!taken) return [];
  const far = Math.max(0, ...readings.map((reading) => distanceMeters(taken, reading)));
  return far > FAR_METERS
    ? [{ code: "exif_place", detail: `The picture was taken ${(far / 1000).toFixed(1)} km from another reading.` }]
    : [];
}

/** Where a member was, and when. */
export interface Reading {
  readonly at: Date;
  readonly place: Place;
  readonly accuracyMeters: number;
}

/** A speed between two readings of one member that nothing reaches. What the readings may be wrong by counts for the member. */
export function speedFindings(reading: Reading, others: readonly Reading[]): Finding[] {
  const speeds = others.map((other) => {
    const meters = distanceMeters(reading.place, other.place) - reading.accuracyMeters - other.accuracyMeters;
    const seconds = Math.max(1, Math.abs(reading.at.getTime() - other.at.getTime()) / 1000);
    return meters / seconds;
  });
  const fastest = Math.max(0, ...speeds);
  return fastest > FASTEST_METERS_PER_SECOND
    ? [
        {
          code: "impossible_speed",
          detail: `Another reading of this member is ${Math.round(fastest * 3.6)} km/h away.`,
        },
      ]
    : [];
}

/** Pieces of evidence of one contribution more than 7 days apart. */
export function spreadFindings(claimed: Date, others: readonly Date[]): Finding[] {
  const days = Math.max(0, ...others.map((other) => Math.abs(other.getTime() - claimed.getTime()) / 86_400_000));
  return days > APART_DAYS
    ? [{ code: "pieces_apart", detail: `Another piece of evidence is ${Math.round(days)} days away.` }]
    : [];
}

/**
 * An EXIF time more than 60 s from the claim. Cameras often write local time without its offset: then the nearest offset
 * in quarter hours (−12:00…+14:00) gets the benefit of the doubt.
 */
export function timeFindings(
  claimed: Date,
  exif: { readonly local: string; readonly offset: string | undefined } | undefined,
): Finding[] {
  if (!exif) return [];
  const asUtc = Date.parse(`${exif.local}Z`);
  if (Number.isNaN(asUtc)) return [];
  const seconds = exif.offset
    ? Math.abs(Date.parse(`${exif.local}${exif.offset}`) - claimed.getTime()) / 1000
    : nearestOffset(asUtc, claimed);
  if (!(seconds > EXIF_TOLERANCE_SECONDS)) return [];
  return [{ code: "exif_time", detail: `The picture's own time is ${Math.round(seconds)} s from the claimed one.` }];
}

function nearestOffset(localAsUtc: number, claimed: Date): number {
  const quarter = 900;
  const seconds = (localAsUtc - claimed.getTime()) / 1000;
  const offset = Math.min(14 * 3600, Math.max(-12 * 3600, Math.round(seconds / quarter) * quarter));
  return Math.abs(seconds - offset);
}
