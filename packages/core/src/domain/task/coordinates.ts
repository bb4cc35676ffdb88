import { type SQL, sql } from "drizzle-orm";
import type * as v from "valibot";
import type { FIELDS } from "./input.ts";
import { tasks } from "./task.sql.ts";

/** Mean radius of the Earth (IUGG). */
const EARTH_KM = 6371.0088;
const KM_PER_DEGREE = (EARTH_KM * Math.PI) / 180;
const RADIANS = Math.PI / 180;

type Coordinates = v.InferOutput<typeof FIELDS.coordinates>;

/**
 * The columns of a task's place. If the creator chose a precision, the place is moved to the middle of its cell before
 * it is stored, so that no response, export or backup contains the exact place. Equal places always get the same cell,
 * so that many tasks at one house do not reveal it either.
 */
export function placeOf(coordinates: Coordinates | null | undefined) {
  if (!coordinates) return { latitude: null, longitude: null, coordinatesPrecisionKm: null };
  const { lat, lon, precision_km: precisionKm } = coordinates;
  if (precisionKm === undefined) return { latitude: lat, longitude: lon, coordinatesPrecisionKm: null };
  const latitude = middleOf(lat, precisionKm / KM_PER_DEGREE, 90);
  // The cell's width in degrees of longitude, at most 360. Near the poles a degree of longitude is shorter, so that a
  // cell has more degrees.
  const width = Math.min(360, precisionKm / (KM_PER_DEGREE * Math.max(Math.cos(latitude * RADIANS), 1e-6)));
  return { latitude, longitude: middleOf(lon, width, 180), coordinatesPrecisionKm: precisionKm };
}

/** The middle of the cell that contains `degrees`, rounded to about 10 m. */
function middleOf(degrees: number, width: number, most: number): number {
  const middle = (Math.floor(degrees / width) + 0.5) * width;
  return Math.round(Math.min(most, Math.max(-most, middle)) * 10_000) / 10_000;
}

/** The place of a task on a sphere of radius 1, in the form of the index `tasks_place_idx`. */
const PLACE = sql`place_on_sphere(${tasks.latitude}, ${tasks.longitude})`;

/**
 * Length of the straight line (chord) between two points on a sphere of radius 1. A longer distance has a longer chord,
 * so both give the same order.
 */
const chordOf = (km: number) => 2 * Math.sin(Math.min(km / EARTH_KM, Math.PI) / 2);
const kmOf = (chord: number) => 2 * EARTH_KM * Math.asin(Math.min(1, chord / 2));

/** The chord to a point, in the form by which the index orders, and the condition that a task is within a radius. */
export function around(
  { lat, lon }: Pick<Coordinates, "lat" | "lon">,
  radiusKm: number,
): { chord: SQL<number>; isInside: SQL } {
  const point = sql`place_on_sphere(${lat}::float8, ${lon}::float8)`;
  const chord = sql<number>`(${PLACE} <-> ${point})`;
  const radius = chordOf(radiusKm);
  return {
    chord,
    isInside: sql`${PLACE} <@ cube_enlarge(${point}, ${radius}::float8, 3) and ${chord} <= ${radius}::float8`,
  };
}

/** A distance in kilometres for responses, rounded to 10 m. */
export const shownKm = (chord: number): number => Math.round(kmOf(chord) * 100) / 100;
