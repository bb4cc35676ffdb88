import { asc, sql } from "drizzle-orm";
import { Db } from "../../platform/db/index.ts";
import { users } from "./user.sql.ts";

/**
 * Locks all admins in the order of their ids. Otherwise two concurrent changes, each of which leaves one admin, could
 * together leave no admin.
 * @returns their ids
 */
export function lockAdmins(): Promise<{ readonly id: string }[]> {
  return Db.use()
    .select({ id: users.id })
    .from(users)
    .where(sql`'admin' = any(${users.roles})`)
    .orderBy(asc(users.id))
    .for("no key update")
    .execute();
}
