import { and, eq } from "drizzle-orm";
import { EMBEDDED_EVIDENCE_MAX_BYTES, EMBEDDED_MAX_ITEMS, EMBEDDED_VOTES_MAX_BYTES } from "../../platform/bounds.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { Contribution } from "../contribution/index.ts";
import { visible } from "../contribution/access.ts";
import { EvidenceList } from "../evidence/index.ts";
import type { Info } from "./schema.ts";

/**
 * One contribution with the first pages of its evidence and votes, and its score. Any member may see it;
 * `evidence/list.ts` omits details of evidence that the caller may not see.
 * @throws AppError NOT_FOUND
 */
export async function get(contributionId: string): Promise<Info> {
  const [row] = await Db.use()
    .select(Contribution.columns)
    .from(contributions)
    .where(and(eq(contributions.id, contributionId), visible()));
  if (!row) throw new AppError("NOT_FOUND");
  const version = await EvidenceList.versionOf(contributionId); // read before the pieces, so that it never includes a piece that this response omits
  const where = { contributionId, ownerId: row.userId };
  const evidence = await EvidenceList.pageOf(where, { limit: EMBEDDED_MAX_ITEMS }, EMBEDDED_EVIDENCE_MAX_BYTES);
  const votes = await Contribution.votesPage(contributionId, { limit: EMBEDDED_MAX_ITEMS }, EMBEDDED_VOTES_MAX_BYTES);
  return {
    ...Contribution.toInfo(row),
    evidence: evidence.data,
    evidence_total: evidence.next_cursor === null ? evidence.data.length : await EvidenceList.total(contributionId),
    evidence_next_cursor: evidence.next_cursor,
    evidence_version: version,
    verifications: votes.data,
    verifications_total: votes.next_cursor === null ? votes.data.length : await Contribution.votesTotal(contributionId),
    verifications_next_cursor: votes.next_cursor,
    ...(await scoreOf(row)),
  };
}

/** The score fixed at the decision; before it, the score of the evidence accepted so far. */
async function scoreOf(row: typeof contributions.$inferSelect): Promise<ReturnType<typeof Contribution.quality>> {
  if (row.qualityScore !== null && row.reputationMultiplier !== null)
    return { quality_score: row.qualityScore, reputation_multiplier: row.reputationMultiplier };
  return Contribution.quality(await EvidenceList.factsOf(row.id));
}

export * as ContributionDetail from "./index.ts";
