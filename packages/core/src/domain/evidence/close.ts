import { and, eq, inArray } from "drizzle-orm";
import { Db } from "../../platform/db/index.ts";
import { evidence } from "./evidence.sql.ts";

/**
 * Refuses the pieces that were not accepted when the contribution was decided: those in examination or awaiting
 * consent. No verifier has judged them, so they cannot count. Runs in the transaction of the deciding vote, which has
 * locked the contribution.
 */
export async function closeOpen(contributionId: string, at: Date): Promise<void> {
  await Db.use()
    .update(evidence)
    .set({
      status: "refused",
      refusalCode: "VERIFICATION_CLOSED",
      refusalDetail: "The contribution was decided before this piece was accepted.",
      decidedAt: at,
      updatedAt: at,
    })
    .where(
      and(eq(evidence.contributionId, contributionId), inArray(evidence.status, ["examining", "awaiting_consent"])),
    );
}
