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

/** The id that a {@link memberFilter} means. A list that is cached for all members must know it before. */
export const memberOf = (filter: string): string => (filter === "me" ? Actor.member().userId : filter);
