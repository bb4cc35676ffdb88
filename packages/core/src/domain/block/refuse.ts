import { and, eq, inArray } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { blocks } from "./block.sql.ts";

/**
 * Rejects an act if one of the affected members has blocked the current member. The error reveals neither the reason
 * nor the blocker. Must run in the act's transaction, after the accounts are locked: a new block then waits for acts in
 * progress, and later acts see the block.
 * @param userIds of the members whom the act affects
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
