import { and, asc, count, eq, exists, gt, inArray, isNotNull, isNull, ne, or, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Contribution } from "../contribution/index.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { evidence, witnesses } from "./evidence.sql.ts";
import type { Info } from "./schema.ts";
import { describe, maySeeDetails, visible, voice, witnessesOf } from "./view.ts";

const paging = Page.paging("evidence", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject(paging.query);

interface Where {
  readonly contributionId: string;
  readonly ownerId: string;
}

/**
 * The evidence of a contribution, oldest first, with the details that the current actor may see; audited like a single
 * piece.
 * @throws AppError NOT_FOUND
 */
export async function list(contributionId: string, input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  const { userId: ownerId } = await ownerAndStatus(contributionId);
  return pageOf({ contributionId, ownerId }, input);
}

/**
 * One page of the evidence of a contribution.
 * @param maxBytes upper limit of the size of its items as JSON
 */
export async function pageOf(
  { contributionId, ownerId }: Where,
  { limit, cursor }: { readonly limit: number; readonly cursor?: readonly [string] | undefined },
  maxBytes?: number,
): Promise<Page.Page<Info>> {
  const rows = await Db.use()
    .select()
    .from(evidence)
    .where(
      and(
        eq(evidence.contributionId, contributionId),
        visible(),
        optionalCondition(cursor, ([last]) => gt(evidence.id, last)),
      ),
    )
    .orderBy(asc(evidence.id))
    .limit(limit + 1);
  const named = await witnessesOf(rows.slice(0, limit).map((row) => row.id));
  const say = await voice();
  const page = paging.page(
    rows,
    limit,
    (row) => [row.id],
    (row) => describe(row, ownerId, named, say),
    maxBytes,
  );
  const shown = rows.slice(0, page.data.length);
  const read = shown.filter((row) => maySeeDetails(row, ownerId) && !isOwn(row.submittedBy, ownerId));
  if (read.length > 0)
    await Audit.recordRead("evidence.read", "contribution", contributionId, {
      evidence_ids: read.map((row) => row.id),
    });
  return page;
}

/** The number of pieces of a contribution that the current actor may see, of any status. */
export async function total(contributionId: string): Promise<number> {
  const [row] = await Db.use()
    .select({ pieces: count() })
    .from(evidence)
    .where(and(eq(evidence.contributionId, contributionId), visible()));
  return row?.pieces ?? 0;
}

/**
 * A version of a contribution's evidence, 64 hex digits, equal for all callers. It changes when a piece is added,
 * accepted, refused, withdrawn or hidden, and when a witness answers.
 */
export async function versionOf(contributionId: string): Promise<string> {
  const answers = Db.use()
    .select({ answers: sql`string_agg(has_confirmed::text, '' order by position)` })
    .from(witnesses)
    .where(and(eq(witnesses.evidenceId, evidence.id), isNotNull(witnesses.hasConfirmed)));
  const piece = sql`concat_ws(' ', ${evidence.id}, ${evidence.status}, ${evidence.hiddenAt}, ${answers})`;
  const all = sql`coalesce(string_agg(${piece}, ',' order by ${evidence.id}), '')`;
  const row = Db.only(
    await Db.use()
      .select({ version: sql<string>`encode(sha256(convert_to(${all}, 'UTF8')), 'hex')` })
      .from(evidence)
      .where(eq(evidence.contributionId, contributionId)),
  );
  return row.version;
}

/**
 * The weight of a piece's witnesses: a member who has confirmed counts as two names, one who has declined does not
 * count (platform.md §2).
 */
export const weightOfWitnesses = () =>
  Db.use()
    .select({ weight: sql`coalesce(sum(case has_confirmed when true then 2 when false then 0 else 1 end), 0)` })
    .from(witnesses)
    .where(eq(witnesses.evidenceId, evidence.id));

/**
 * The facts that affect the score: for each type the accepted, visible pieces of a contribution, with the best accuracy
 * and the highest witness weight of one piece. Files that are not decoded pictures do not count.
 */
export async function factsOf(contributionId: string): Promise<Contribution.EvidenceFacts[]> {
  const named = weightOfWitnesses();
  return Db.use()
    .select({
      type: evidence.evidenceType,
      accuracyMeters: sql<number | null>`min(${evidence.accuracyMeters})`,
      witnessCount: sql<number>`max(${named})`.mapWith(Number),
    })
    .from(evidence)
    .where(
      and(
        eq(evidence.contributionId, contributionId),
        eq(evidence.status, "accepted"),
        isNull(evidence.hiddenAt),
        // Only a decoded picture counts as a photo; a document or video is shown to verifiers but does not raise the
        // score.
        or(ne(evidence.evidenceType, "photo_with_timestamp"), isNotNull(evidence.pictureHash)),
      ),
    )
    .groupBy(evidence.evidenceType);
}

/**
 * The pieces that make a member a party to a contribution's evidence: pieces that the member submitted and that count
 * or may still count, and accepted pieces that name the member by id as a witness. A piece that awaits consent makes
 * its witnesses no parties: otherwise a stranger could exclude verifiers from voting by naming them.
 */
export function partyOf(contributionId: PgColumn | string, userId: string) {
  const isWitness = exists(
    Db.use()
      .select({ id: witnesses.id })
      .from(witnesses)
      .where(and(eq(witnesses.evidenceId, evidence.id), eq(witnesses.witnessId, userId))),
  );
  const isSubmitter = and(
    eq(evidence.submittedBy, userId),
    inArray(evidence.status, ["examining", "awaiting_consent", "accepted"]),
  );
  return Db.use()
    .select({ submittedBy: evidence.submittedBy })
    .from(evidence)
    .where(
      and(
        eq(evidence.contributionId, contributionId),
        or(isSubmitter, and(eq(evidence.status, "accepted"), isWitness)),
      ),
    )
    .limit(1);
}

/** Whether the current actor submitted the piece or owns its contribution. */
export function isOwn(submittedBy: string, ownerId: string): boolean {
  const { userId } = Actor.member();
  return userId === submittedBy || userId === ownerId;
}

export * as EvidenceList from "./list.ts";
