import { and, asc, gt, isNull, sql } from "drizzle-orm";
import { Actor, type Role } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { lockAdmins } from "./admins.ts";
import { notifyRoles } from "./roles.ts";
import { credentialsOf, setRoles } from "./user.ts";
import { users } from "./user.sql.ts";

/** A member in the operators' list: without the e-mail address, which is personal. */
export interface Entry {
  readonly id: string;
  readonly username: string;
  readonly roles: readonly Role[];
  readonly email_verified: boolean;
  /** A timestamp of RFC 3339. */
  readonly created_at: string;
}

/**
 * Members in the order of their ids. Operators only.
 * @param role returns only members who have this role
 * @param after the id of the last member of the previous page
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export async function list(role: Role | undefined, after: string | undefined, limit: number): Promise<Entry[]> {
  Actor.operator();
  const rows = await Db.use()
    .select({
      id: users.id,
      username: users.username,
      roles: users.roles,
      emailVerifiedAt: users.emailVerifiedAt,
      createdAt: users.createdAt,
    })
    .from(users)
    .where(
      and(
        isNull(users.deletedAt),
        after === undefined ? undefined : gt(users.id, after),
        role === undefined ? undefined : sql`${role} = any(${users.roles})`,
      ),
    )
    .orderBy(asc(users.id))
    .limit(limit);
  return rows.map(({ emailVerifiedAt, createdAt, ...rest }) => ({
    ...rest,
    email_verified: emailVerifiedAt !== null,
    created_at: createdAt.toISOString(),
  }));
}

/**
 * Removes a role from a member. Operators only; audited, and the member is notified by mail.
 * @returns the username, and the remaining roles; undefined when there is no such account
 * @throws AppError LAST_ADMIN when no admin would be left
 */
export async function revoke(
  email: string,
  role: Exclude<Role, "contributor">,
): Promise<{ readonly username: string; readonly roles: readonly Role[]; readonly hadRole: boolean } | undefined> {
  Actor.operator();
  return Db.transaction(async () => {
    const admins = await lockAdmins();
    const found = await credentialsOf(email);
    if (!found) return undefined;
    const { id, username, roles: before } = found.user;
    if (!before.includes(role)) return { username, roles: before, hadRole: false };
    if (role === "admin" && admins.every((admin) => admin.id === id)) throw new AppError("LAST_ADMIN");
    const roles = before.filter((one) => one !== role);
    await setRoles(id, roles);
    await Audit.record("user.roles", "user", id, { before, after: roles });
    await notifyRoles(id);
    return { username, roles, hadRole: true };
  });
}

export * as Register from "./register.ts";
