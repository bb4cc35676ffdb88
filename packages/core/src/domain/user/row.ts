import { and, asc, eq, inArray, isNull } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { users } from "./user.sql.ts";

/**
 * Locks user rows (FOR KEY SHARE) of the current member and `others`, so that they cannot be deleted before the commit:
 * the access token was checked before the transaction began. Lock order: users by id, then tasks, as in a deletion, which
 * alone locks users exclusively; any other order may deadlock. A deletion locks no contribution, so a contribution may be
 * locked before a user. A row that refers to a member (a notification, an assignment) locks that member's row
 * too, so the members whom an act will notify are locked before its task.
 * @param lock "no key update" also serialises transactions of the same member that use it
 * @returns the given ids that belong to members
 * @throws AppError UNAUTHENTICATED when the current member's account is deleted
 */
export async function lockMembers(
  others: readonly string[] = [],
  lock: "key share" | "no key update" = "key share",
): Promise<ReadonlySet<string>> {
  const { userId } = Actor.member();
  const locked = await lockAccounts([userId, ...others], lock);
  if (!locked.has(userId)) throw new AppError("UNAUTHENTICATED");
  return locked;
}

/**
 * {@link lockMembers} for acts of the platform, such as the sweep.
 * @returns the given ids that belong to members
 */
export async function lockAccounts(
  ids: readonly string[],
  lock: "key share" | "no key update" = "key share",
): Promise<ReadonlySet<string>> {
  const rows = await Db.use()
    .select({ id: users.id })
    .from(users)
    .where(and(inArray(users.id, [...ids]), isNull(users.deletedAt)))
    .orderBy(asc(users.id))
    .for(lock);
  return new Set(rows.map((row) => row.id));
}

/**
 * The id and the name of a member, for an event; a deleted account has its placeholder name.
 * @throws Error for an unknown id
 */
export async function authorOf(userId: string): Promise<{ readonly id: string; readonly username: string }> {
  const [row] = await Db.use()
    .select({ id: users.id, username: users.username })
    .from(users)
    .where(eq(users.id, userId));
  if (!row) throw new Error("an event of an unknown member");
  return row;
}
