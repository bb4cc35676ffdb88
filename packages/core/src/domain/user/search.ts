import { and, asc, inArray, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Config } from "../../platform/config.ts";
import { optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { Search } from "../../platform/search.ts";
import { personOf } from "./person.sql.ts";
import type { Person } from "./schema.ts";
import { users } from "./user.sql.ts";

const paging = Page.paging("users", v.tuple([Input.string(), Input.uuid]));

export const SearchQuery = v.strictObject({
  ...paging.query,
  /** Beginnings of words of the username or display name. */
  q: v.optional(Input.text(2, 80)),
  /** Ids, separated by commas. */
  ids: v.optional(Input.uuids(100)),
});

/**
 * Members by name, by id or all of them, in the order of usernames. Deleted members are found by their id only.
 * @throws AppError FORBIDDEN without `ids` where `MEMBER_SEARCH` is `false`
 */
export async function search(input: v.InferOutput<typeof SearchQuery>): Promise<Page.Page<Person>> {
  const { q, ids, cursor, limit } = input;
  if (ids === undefined && Config.section("membership").MEMBER_SEARCH === "false")
    throw new AppError("FORBIDDEN", { detail: "This community does not search its members." });
  const named = q === undefined ? undefined : Search.beginnings(q);
  if (named === "") return { data: [], next_cursor: null };
  const rows = await Db.use()
    .select({ person: personOf(users.id), username: users.username, id: users.id })
    .from(users)
    .where(
      and(
        optionalCondition(named, (query) => sql`${users.names} @@ to_tsquery('simple', ${query})`),
        ids === undefined ? isNull(users.deletedAt) : undefined,
        optionalCondition(ids, (list) => inArray(users.id, [...list])),
        optionalCondition(cursor, ([name, id]) => sql`(${users.username}, ${users.id}) > (${name}, ${id}::uuid)`),
      ),
    )
    .orderBy(asc(users.username), asc(users.id))
    .limit(limit + 1);
  return paging.page(
    rows,
    limit,
    (row) => [row.username, row.id],
    (row) => row.person,
  );
}

export * as UserSearch from "./search.ts";
