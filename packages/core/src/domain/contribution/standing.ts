import { and, eq } from "drizzle-orm";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Hidden } from "../moderation/hidden.ts";
import { contributions } from "./contribution.sql.ts";

/** Which single contributions the present actor may know of: hidden ones only their owner and admins. Lists hold no hidden one. */
export const visible = () => Hidden.visibleTo(contributions.hiddenAt, contributions.userId);

/**
 * Who owns a contribution and how far it is. For the rules of evidence and votes.
 * @param lock holds it until the act ends; "no key update" keeps out others who do so, not those who only refer to it
 * @throws AppError NOT_FOUND, also for a hidden contribution of others
 */
export async function standing(
  contributionId: string,
  lock?: "update" | "no key update",
): Promise<Pick<typeof contributions.$inferSelect, "userId" | "verificationStatus" | "hiddenAt">> {
  const query = Db.use()
    .select({
      userId: contributions.userId,
      verificationStatus: contributions.verificationStatus,
      hiddenAt: contributions.hiddenAt,
    })
    .from(contributions)
    .where(and(eq(contributions.id, contributionId), visible()));
  const [row] = await (lock ? query.for(lock) : query);
  if (!row) throw new AppError("NOT_FOUND");
  return row;
}
