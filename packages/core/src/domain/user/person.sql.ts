import { type SQL, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import type { Person } from "./schema.ts";

/** The person with this id, for a statement whose tables have aliases. */
export const personWith = (id: SQL): SQL<Person | null> =>
  sql<Person | null>`(select json_build_object('id', person.id, 'username', person.username, 'display_name', person.display_name, 'avatar_url', '/v1/avatars/' || person.avatar, 'is_deleted', person.deleted_at is not null) from users person where person.id = ${id})`;

/**
 * Subquery that returns the member whose id is in a column, in the form of responses. A list that selects it needs no
 * further query for names. Null where the column is null.
 * @param id a column of the statement's table that references users
 */
export function personOf(id: PgColumn & { readonly _: { readonly notNull: true } }): SQL<Person>;
export function personOf(id: PgColumn): SQL<Person | null>;
export function personOf(id: PgColumn): SQL<Person | null> {
  return personWith(sql`${id.table}.${sql.identifier(id.name)}`);
}
