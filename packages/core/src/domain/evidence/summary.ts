import { and, asc, count, eq, inArray, isNull, sql } from "drizzle-orm";
import { Contribution } from "../contribution/index.ts";
import { Db } from "../../platform/db/index.ts";
import { evidence } from "./evidence.sql.ts";
import { weightOfWitnesses } from "./list.ts";

type Type = (typeof evidence.$inferSelect)["evidenceType"];
/** The summary of a contribution's evidence in the verifiers' queue. */
export interface Summary extends ReturnType<typeof Contribution.quality> {
  readonly accepted_total: number;
  readonly evidence_types: readonly Type[];
  readonly findings: readonly { readonly code: string; readonly count: number }[];
  readonly thumbnail: string | null;
}

/** The summary of a contribution without evidence. */
export const NONE: Summary = summarise([], []);

/** The summaries by contribution, read in two queries; a contribution without evidence is not in the map. */
export async function of(contributionIds: readonly string[]): Promise<ReadonlyMap<string, Summary>> {
  if (contributionIds.length === 0) return new Map();
  const ids = [...contributionIds];
  const named = weightOfWitnesses();
  const types = await Db.use()
    .select({
      contributionId: evidence.contributionId,
      type: evidence.evidenceType,
      pieces: count(),
      accuracyMeters: sql<number | null>`min(${evidence.accuracyMeters})`,
      witnessCount: sql<number>`max(${named})`.mapWith(Number),
      /** Only a decoded picture counts as a photo; a document or video does not raise the score. */
      isCounted: sql<boolean>`bool_or(${evidence.evidenceType} <> 'photo_with_timestamp' or ${evidence.pictureHash} is not null)`,
      pictureId: sql<
        string | null
      >`(array_agg(${evidence.id} order by ${evidence.id}) filter (where ${evidence.pictureHash} is not null and ${evidence.erasedAt} is null))[1]`,
    })
    .from(evidence)
    .where(and(inArray(evidence.contributionId, ids), eq(evidence.status, "accepted"), isNull(evidence.hiddenAt)))
    .groupBy(evidence.contributionId, evidence.evidenceType)
    .orderBy(asc(evidence.evidenceType));
  // Includes withdrawn pieces: a withdrawal must not hide a finding against the owner.
  const findings = await Db.use()
    .select({
      contributionId: evidence.contributionId,
      code: sql<string>`finding ->> 'code'`,
      count: count(),
    })
    .from(evidence)
    .innerJoin(sql`jsonb_array_elements(${evidence.findings}) finding`, sql`true`)
    .where(
      and(
        inArray(evidence.contributionId, ids),
        inArray(evidence.status, ["accepted", "withdrawn"]),
        isNull(evidence.hiddenAt),
      ),
    )
    .groupBy(evidence.contributionId, sql`finding ->> 'code'`)
    .orderBy(sql`finding ->> 'code'`);
  const own = <Row extends { readonly contributionId: string }>(rows: readonly Row[], id: string) =>
    rows.filter(({ contributionId }) => contributionId === id);
  return new Map(ids.map((id) => [id, summarise(own(types, id), own(findings, id))]));
}

interface OfType extends Contribution.EvidenceFacts {
  readonly pieces: number;
  readonly isCounted: boolean;
  readonly pictureId: string | null;
}

function summarise(
  types: readonly OfType[],
  findings: readonly { readonly code: string; readonly count: number }[],
): Summary {
  const picture = types.find(({ pictureId }) => pictureId !== null)?.pictureId;
  return {
    accepted_total: types.reduce((sum, { pieces }) => sum + pieces, 0),
    evidence_types: types.map(({ type }) => type),
    ...Contribution.quality(types.filter(({ isCounted }) => isCounted)),
    findings: findings.map(({ code, count: times }) => ({ code, count: times })),
    thumbnail: picture === undefined || picture === null ? null : `/v1/evidence/${picture}/thumbnail`,
  };
}

export * as EvidenceSummary from "./summary.ts";
