import { and, eq } from "drizzle-orm";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Hidden } from "../hidden/index.ts";
import { contributions } from "./contribution.sql.ts";

/**
 * Condition for reading a single contribution: only its owner and admins can see a hidden one. Lists never contain
 * hidden contributions.
 */
export const visible = () => Hidden.visibleTo(contributions.hiddenAt, contributions.userId);

/**
 * The owner and status of a contribution, for the rules of evidence and votes.
 * @param lock locks the row until the transaction ends; "no key update" blocks other locks of this kind, but not
 * inserts of rows that refer to the contribution
 * @throws AppError NOT_FOUND, also for another member's hidden contribution
 */
export async function ownerAndStatus(
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
