import { type SQL, and, asc, inArray, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Config } from "../../platform/config.ts";
import { optionalCondition } from "../../platform/db/columns.ts";
import { Db, withSettings } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { Search } from "../../platform/search.ts";
import { personOf } from "./person.sql.ts";
import type { Person } from "./schema.ts";
import { users } from "./user.sql.ts";
import { Username } from "./username.ts";

/** Number of members that a search compares one by one before it uses the full-text index: takes 2 ms. */
const WINDOW = 2_000;

const paging = Page.paging("users", v.strictTuple([Username, Input.uuid]));

export const SearchQuery = v.strictObject({
  ...paging.query,
  /** Beginnings of words of the username or display name. */
  q: v.optional(Input.text(2, 80)),
  /** Member ids, separated by commas. */
  ids: v.optional(Input.uuids(100)),
});

/**
 * Members by name, by id, or all members, in the order of usernames. A deleted member is found only by id.
 * @throws AppError FORBIDDEN without `ids` where `MEMBER_SEARCH` is `false`
 */
export async function search(input: v.InferOutput<typeof SearchQuery>): Promise<Page.Page<Person>> {
  const { q, ids, cursor, limit } = input;
  if (ids === undefined && Config.section("membership").MEMBER_SEARCH === "false")
    throw new AppError("FORBIDDEN", { detail: "This community does not search its members." });
  const named = q === undefined ? undefined : Search.beginnings(q);
  if (named === "") return { data: [], next_cursor: null };
  const matches = optionalCondition(named, (words) => sql`names @@ to_tsquery('simple', ${words})`);
  const after = optionalCondition(
    cursor,
    ([name, id]) => sql`(${users.username}, ${users.id}) > (${name}, ${id}::uuid)`,
  );
  const rows = await (ids !== undefined
    ? read(and(inArray(users.id, [...ids]), matches, after), limit + 1)
    : matches === undefined
      ? read(and(isNull(users.deletedAt), after), limit + 1)
      : matching(matches, and(isNull(users.deletedAt), after), limit + 1));
  return paging.page(
    rows,
    limit,
    (row) => [row.username, row.id],
    (row) => row.person,
  );
}

const BY_NAME = [asc(users.username), asc(users.id)] as const;

const read = (where: SQL | undefined, rows: number) =>
  Db.use()
    .select({ person: personOf(users.id), username: users.username, id: users.id })
    .from(users)
    .where(where)
    .orderBy(...BY_NAME)
    .limit(rows);

/**
 * Finds members in two steps. For a common word, the next members in the order fill a page, so they are compared one by one. For a rare
 * word, the full-text index finds the few matches: for words that do not occur, the planner alone would compare all members (22,000 pages
 * for 100,000 members).
 */
async function matching(matches: SQL, members: SQL | undefined, rows: number) {
  const [last] = await Db.use()
    .select({ username: users.username, id: users.id })
    .from(users)
    .where(members)
    .orderBy(...BY_NAME)
    .offset(WINDOW)
    .limit(1);
  const until = last && sql`(${users.username}, ${users.id}) <= (${last.username}, ${last.id}::uuid)`;
  const window = sql`select id, username, names from ${users} where ${and(members, until)}`;
  const inWindow = await read(
    // `materialized` keeps the planner from reading more than the window.
    sql`${users.id} in (with members as materialized (${window}) select id from members where ${matches} order by username, id limit ${rows})`,
    rows,
  );
  if (last === undefined || inWindow.length === rows) return inWindow;
  const found = sql`select id, username from ${users} where ${and(members, matches)} offset 0`;
  return withSettings({ enable_seqscan: "off" }, () =>
    read(sql`${users.id} in (select id from (${found}) as found order by username, id limit ${rows})`, rows),
  );
}

export * as UserSearch from "./search.ts";
