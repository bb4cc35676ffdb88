import * as v from "valibot";
import { Cache } from "../../platform/cache/index.ts";
import { Input } from "../../platform/input.ts";
import { memberFilter, memberOf } from "../user/index.ts";
import { type Find, assertOfThisOrder, find, finding } from "./find.ts";
import { listNewest } from "./newest.ts";
import { DIFFICULTIES, TASK_STATUSES } from "./task.sql.ts";

/** Maximum radius around a point, in kilometres. */
const RADIUS_MAX_KM = 500;
const POINT = /^-?\d{1,2}(\.\d{1,15})?,-?\d{1,3}(\.\d{1,15})?$/;
const pointOf = (text: string) => {
  const [lat = 0, lon = 0] = text.split(",").map(Number);
  return { lat, lon };
};

export const ListQuery = v.strictObject({
  ...finding.query,
  status: v.optional(Input.someOf(TASK_STATUSES)),
  difficulty: v.optional(Input.someOf(DIFFICULTIES)),
  /** The id of a required skill. */
  skill: v.optional(Input.uuid),
  /** The creator's id, or `me`. */
  creator: v.optional(memberFilter),
  assignee: v.optional(memberFilter),
  /** Words that must occur in title, description or location; `"a phrase"`, `or` and `-without` work. */
  q: v.optional(Input.text(1, 200)),
  /** Only tasks changed at or after this time, in the order of their last changes. */
  updated_since: v.optional(Input.timestamp),
  /** Latitude and longitude, separated by a comma; orders the list by distance. */
  near: v.optional(
    v.pipe(
      Input.string(),
      Input.maxCharacters(40),
      v.regex(POINT, "must be a latitude and a longitude, such as -6.9147,107.6098"),
      v.transform(pointOf),
      Input.rule("format", ({ lat, lon }) => Math.abs(lat) <= 90 && Math.abs(lon) <= 180, "must be a place on Earth"),
    ),
  ),
  radius_km: v.optional(
    v.pipe(
      Input.string(),
      v.regex(/^\d{1,9}(\.\d{1,9})?$/, "must be a number"),
      v.transform(Number),
      v.minValue(0.1, "must be at least 0.1"),
      v.maxValue(RADIUS_MAX_KM, `must be at most ${RADIUS_MAX_KM}`),
    ),
    "10",
  ),
});

/**
 * Tasks that match all filters: a page as a JSON string, newest first unless `near` or `updated_since` is set. Cached
 * for a minute, or until a task changes.
 * @throws AppError VALIDATION_FAILED for a cursor of another order
 */
export function list(input: v.InferOutput<typeof ListQuery>): Promise<string> {
  const { creator, assignee, status, difficulty, cursor, limit, skill, q, near, updated_since, radius_km } = input;
  assertOfThisOrder(input);
  // Resolves `me` to an id, since members share the cached lists and their keys.
  const people = {
    ...(creator === undefined ? {} : { creator: memberOf(creator) }),
    ...(assignee === undefined ? {} : { assignee: memberOf(assignee) }),
  };
  const [oneStatus, ...otherStatuses] = status ?? [];
  const [oneDifficulty, ...otherDifficulties] = difficulty ?? [];
  const hasSeveral = otherStatuses.length > 0 || otherDifficulties.length > 0;
  if (!hasSeveral && q === undefined && near === undefined && updated_since === undefined)
    return listNewest({
      ...people,
      limit,
      ...(cursor === undefined ? {} : { cursor: [cursor[0]] }),
      ...(skill === undefined ? {} : { skill }),
      ...(oneStatus === undefined ? {} : { status: oneStatus }),
      ...(oneDifficulty === undefined ? {} : { difficulty: oneDifficulty }),
    });
  const { creator: _creator, assignee: _assignee, radius_km: _radius, near: _near, ...others } = input;
  const wanted: Find = { ...others, ...people, ...(near === undefined ? {} : { near: { ...near, radius_km } }) };
  return Cache.list("tasks", { ...wanted }, () => find(wanted));
}
