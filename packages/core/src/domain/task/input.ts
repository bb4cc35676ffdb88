import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { DIFFICULTIES } from "./task.sql.ts";

/** The rules of a task's fields, for creating and changing it. */
export const FIELDS = {
  title: Input.name(1, 200),
  description: Input.text(0, 5000),
  difficulty: Input.oneOf(DIFFICULTIES),
  location: Input.name(1, 500),
  coordinates: Input.object({ lat: Input.latitude, lon: Input.longitude }),
  /** Two decimals are stored, so the minimum is a hundredth of an hour. */
  estimated_hours: v.pipe(
    v.number("must be a number"),
    v.minValue(0.01, "must be at least 0.01"),
    v.maxValue(1000, "must be at most 1000"),
  ),
};
