import { and, eq, inArray } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { blocks } from "./block.sql.ts";

/**
 * Refuses an act towards members one of whom has blocked the member who acts. Does not say that this is why, nor which one. In the
 * transaction of the act, after their accounts are locked: a block waits for acts that have begun, and later acts see it.
 * @param userIds of the members that the act is towards
 * @throws AppError FORBIDDEN
 */
export async function refuseBlocked(userIds: readonly string[]): Promise<void> {
  const { userId } = Actor.member();
  const others = userIds.filter((id) => id !== userId);
  if (others.length === 0) return;
  const found = await Db.use()
    .select({ id: blocks.id })
    .from(blocks)
    .where(and(inArray(blocks.blockerId, others), eq(blocks.blockedId, userId)))
    .limit(1);
  if (found.length > 0) throw new AppError("FORBIDDEN");
}
