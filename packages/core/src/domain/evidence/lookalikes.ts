import { and, eq, inArray, ne, sql } from "drizzle-orm";
import * as v from "valibot";
import { Db } from "../../platform/db/index.ts";
import { evidence } from "./evidence.sql.ts";
import { type Finding, likenessFindings } from "./findings.ts";
import { ALIKE_BITS, type Likeness, compareWith, searchTokens } from "./picture-likeness.ts";

/** The pictures that share the most tokens are compared; of a million pictures, a copy is among the first few hundred. */
const MOST_CANDIDATES = 2_000;

const Candidates = v.array(v.object({ id: v.string() }));

/**
 * A finding if an accepted picture of another contribution looks the same, also mirrored, turned by right angles,
 * cropped by up to 8 % or framed. Never a refusal: two people may photograph the same place.
 */
export async function findLookalikes(contributionId: string, likeness: Likeness): Promise<Finding[]> {
  const ids = await candidates(searchTokens(likeness));
  if (ids.length === 0) return [];
  const pictures = await Db.use()
    .select({ evidenceId: evidence.id, submittedBy: evidence.submittedBy, windows: evidence.pictureWindows })
    .from(evidence)
    .where(
      and(inArray(evidence.id, ids), ne(evidence.contributionId, contributionId), eq(evidence.status, "accepted")),
    );
  const differing = compareWith(likeness);
  const [alike] = pictures
    .map(({ windows, ...from }) => ({ from, bits: differing(windows ?? []) }))
    .filter(({ bits }) => bits <= ALIKE_BITS)
    .toSorted((a, b) => a.bits - b.bits || (a.from.evidenceId < b.from.evidenceId ? -1 : 1));
  return alike ? likenessFindings(alike.from) : [];
}

/**
 * The pieces that share a token, those that share the most first. One look into the index for each token: for `&&` with
 * hundreds of tokens PostgreSQL estimates so many rows that it reads the whole table.
 */
async function candidates(tokens: readonly number[]): Promise<string[]> {
  if (tokens.length === 0) return [];
  const found = await Db.use().execute(sql`
    select shared.id
    from unnest(${`{${tokens.join(",")}}`}::int[]) as searched (token)
    cross join lateral (
      select ${evidence.id} as id from ${evidence} where ${evidence.pictureTokens} @> array[searched.token]
    ) shared
    group by shared.id
    order by count(*) desc, shared.id
    limit ${MOST_CANDIDATES}`);
  return v.parse(Candidates, [...found]).map(({ id }) => id);
}
