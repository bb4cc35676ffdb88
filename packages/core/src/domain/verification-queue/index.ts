import { and, asc, eq, exists, gt, isNull, ne, not } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { Contribution } from "../contribution/index.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { verifications } from "../contribution/verification.sql.ts";
import { EvidenceList, EvidenceSummary } from "../evidence/index.ts";
import type { Info } from "./schema.ts";

const paging = Page.paging("verification-queue", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject(paging.query);

/**
 * The contributions that wait for the current verifier's vote, oldest first: pending contributions on which the
 * verifier may vote (`Verification.vote` has the rules) and has not voted. The number of queries does not grow with the
 * number of contributions. Shows findings by their codes only, so reading the queue is not audited, unlike reading
 * evidence.
 * @throws AppError FORBIDDEN
 */
export async function list(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  const { userId } = Actor.memberWith("verifier");
  const { limit } = input;
  const ownVote = Db.use()
    .select({ id: verifications.id })
    .from(verifications)
    .where(and(eq(verifications.contributionId, contributions.id), eq(verifications.verifierId, userId)));
  const rows = await Db.use()
    .select(Contribution.columns)
    .from(contributions)
    .where(
      and(
        eq(contributions.verificationStatus, "pending"),
        isNull(contributions.hiddenAt),
        ne(contributions.userId, userId),
        not(exists(ownVote)),
        not(exists(EvidenceList.partyOf(contributions.id, userId))),
        optionalCondition(input.cursor, ([last]) => gt(contributions.id, last)),
      ),
    )
    .orderBy(asc(contributions.id))
    .limit(limit + 1);
  const ids = rows.slice(0, limit).map(({ id }) => id);
  const [summaries, votes] = [await EvidenceSummary.of(ids), await Contribution.votesTotals(ids)];
  return paging.page(
    rows,
    limit,
    (row) => [row.id],
    (row) => ({
      ...Contribution.toInfo(row),
      ...(summaries.get(row.id) ?? EvidenceSummary.NONE),
      verifications_total: votes.get(row.id) ?? 0,
    }),
  );
}

export * as VerificationQueue from "./index.ts";
