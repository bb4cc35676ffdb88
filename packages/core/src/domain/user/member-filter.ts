import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Input } from "../../platform/input.ts";

/** A filter by a member: their id, or `me`. */
export const memberFilter = v.pipe(
  Input.string(),
  Input.maxCharacters(36),
  v.toLowerCase(),
  v.regex(/^(me|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/, "must be a UUID or me"),
);

/**
 * The id for which a {@link memberFilter} stands. Resolve it before a list that is cached for all members, since `me`
 * differs for each.
 */
export const memberOf = (filter: string): string => (filter === "me" ? Actor.member().userId : filter);
