import { and, asc, count, eq, getTableColumns, gt, inArray } from "drizzle-orm";
import * as v from "valibot";
import { optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { personOf } from "../user/person.sql.ts";
import { verifications } from "./verification.sql.ts";
import { ownerAndStatus } from "./access.ts";
import type { Vote } from "./schema.ts";

const paging = Page.paging("verifications", v.tuple([Input.uuid]));
export const VotesQuery = v.strictObject(paging.query);

/** The columns to read for a vote, with its verifier's names. */
export const voteColumns = { ...getTableColumns(verifications), verifier: personOf(verifications.verifierId) };

/**
 * The votes on a contribution, oldest first.
 * @throws AppError NOT_FOUND
 */
export async function votes(contributionId: string, input: v.InferOutput<typeof VotesQuery>): Promise<Page.Page<Vote>> {
  await ownerAndStatus(contributionId);
  return votesPage(contributionId, input);
}

/**
 * One page of the votes on a contribution.
 * @param maxBytes upper limit of the size of its items as JSON
 */
export async function votesPage(
  contributionId: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: readonly [string] | undefined },
  maxBytes?: number,
): Promise<Page.Page<Vote>> {
  const rows = await Db.use()
    .select(voteColumns)
    .from(verifications)
    .where(
      and(
        eq(verifications.contributionId, contributionId),
        optionalCondition(cursor, ([last]) => gt(verifications.id, last)),
      ),
    )
    .orderBy(asc(verifications.id))
    .limit(limit + 1);
  return paging.page(rows, limit, (row) => [row.id], toVote, maxBytes);
}

/** The number of votes on a contribution. */
export async function votesTotal(contributionId: string): Promise<number> {
  const [row] = await Db.use()
    .select({ cast: count() })
    .from(verifications)
    .where(eq(verifications.contributionId, contributionId));
  return row?.cast ?? 0;
}

/** The numbers of votes by contribution; a contribution without votes is not in the map. */
export async function votesTotals(contributionIds: readonly string[]): Promise<ReadonlyMap<string, number>> {
  if (contributionIds.length === 0) return new Map();
  const rows = await Db.use()
    .select({ contributionId: verifications.contributionId, cast: count() })
    .from(verifications)
    .where(inArray(verifications.contributionId, [...contributionIds]))
    .groupBy(verifications.contributionId);
  return new Map(rows.map(({ contributionId, cast }) => [contributionId, cast]));
}

export function toVote(row: typeof verifications.$inferSelect & Pick<Vote, "verifier">): Vote {
  return {
    id: row.id,
    verifier_id: row.verifierId,
    verifier: row.verifier,
    outcome: row.outcome,
    notes: row.notes,
    created_at: row.createdAt.toISOString(),
  };
}
