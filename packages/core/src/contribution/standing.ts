import { eq } from "drizzle-orm";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { contributions } from "./contribution.sql.ts";

/**
 * Who owns a contribution and how far it is. For the rules of evidence and votes.
 * @param lock holds it until the act ends; "no key update" keeps out others who do so, not those who only refer to it
 * @throws AppError NOT_FOUND
 */
export async function standing(
  contributionId: string,
  lock?: "update" | "no key update",
): Promise<Pick<typeof contributions.$inferSelect, "userId" | "verificationStatus">> {
  const query = Db.use()
    .select({ userId: contributions.userId, verificationStatus: contributions.verificationStatus })
    .from(contributions)
    .where(eq(contributions.id, contributionId));
  const [row] = await (lock ? query.for(lock) : query);
  if (!row) throw new AppError("NOT_FOUND");
  return row;
}
