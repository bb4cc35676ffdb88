import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import {
  CLAIM_HOURS_MAX,
  DIFFICULTIES,
  MAX_CHARACTERS,
  MAX_HOURS,
  PEOPLE_MAX,
  PRECISIONS_KM,
  REPEATS,
} from "./task.sql.ts";

const whole = (most: number) => v.pipe(Input.between(1, most), v.integer("must be a whole number"));

/** The rules of a task's fields, for creating and changing it. */
export const FIELDS = {
  title: Input.name(1, MAX_CHARACTERS.title),
  description: Input.text(0, MAX_CHARACTERS.description),
  difficulty: Input.oneOf(DIFFICULTIES),
  location: Input.name(1, MAX_CHARACTERS.location),
  /**
   * The place of the task. With `precision_km`, the place is somewhere in a square with sides of that length, and only
   * the middle of the square is stored.
   */
  coordinates: Input.object({
    lat: Input.latitude,
    lon: Input.longitude,
    precision_km: v.optional(v.picklist(PRECISIONS_KM, `must be one of ${PRECISIONS_KM.join(", ")}`)),
  }),
  people_needed: whole(PEOPLE_MAX),
  starts_at: Input.timestamp,
  ends_at: Input.timestamp,
  /** Number of hours within which the assignee must start, before the claim expires. */
  claim_hours: whole(CLAIM_HOURS_MAX),
  /** How often the task repeats: its completion creates the next one. */
  repeats: Input.oneOf(REPEATS),
  /** At least 0.01, since two decimals are stored. */
  estimated_hours: v.pipe(
    v.number("must be a number"),
    v.minValue(0.01, "must be at least 0.01"),
    v.maxValue(MAX_HOURS, `must be at most ${MAX_HOURS}`),
  ),
};
