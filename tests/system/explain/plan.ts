import type postgres from "postgres";
import * as v from "valibot";

interface Node {
  readonly "Node Type": string;
  readonly "Relation Name"?: string | undefined;
  readonly "Index Name"?: string | undefined;
  readonly "Shared Hit Blocks"?: number | undefined;
  readonly "Shared Read Blocks"?: number | undefined;
  readonly Plans?: Node[] | undefined;
}
const Node: v.GenericSchema<unknown, Node> = v.object({
  "Node Type": v.string(),
  "Relation Name": v.optional(v.string()),
  "Index Name": v.optional(v.string()),
  "Shared Hit Blocks": v.optional(v.number()),
  "Shared Read Blocks": v.optional(v.number()),
  Plans: v.optional(v.array(v.lazy(() => Node))),
});
const Answer = v.tuple([v.object({ "QUERY PLAN": v.tuple([v.object({ Plan: Node })]) })]);

export interface Plan {
  /** Tables read by a sequential scan. */
  readonly scanned: readonly string[];
  readonly indexes: readonly string[];
  /** Number of 8 KB pages that were touched; undefined unless the query was run. */
  readonly blocks: number | undefined;
}

/** The plan of a query; with `run`, also the pages that its execution touched. */
export async function explain(
  sql: postgres.Sql | Pick<postgres.Sql, "unsafe">,
  query: { text: string; params: readonly unknown[] },
  run = false,
): Promise<Plan> {
  const options = run ? "analyze, buffers, format json" : "format json";
  const params = v.parse(
    v.array(v.union([v.string(), v.number(), v.boolean(), v.null(), v.instance(Buffer), v.array(v.string())])),
    query.params,
  );
  const read = async (transaction: Pick<postgres.Sql, "unsafe">) => {
    // Disables sequential scans as domain/task/find.ts does for such a query. This hides no missing index: PostgreSQL
    // still scans the table if no index fits.
    if (query.text.includes(" offset 0)")) await transaction.unsafe("set local enable_seqscan = off");
    return transaction.unsafe(`explain (${options}) ${query.text}`, params);
  };
  const rows = await ("begin" in sql ? sql.begin(read) : read(sql));
  const [
    {
      "QUERY PLAN": [{ Plan: root }],
    },
  ] = v.parse(Answer, [...rows]);
  const nodes = flatten(root);
  return {
    scanned: nodes.flatMap((node) => (node["Node Type"] === "Seq Scan" ? (node["Relation Name"] ?? []) : [])),
    indexes: nodes.flatMap((node) => node["Index Name"] ?? []),
    blocks: run ? (root["Shared Hit Blocks"] ?? 0) + (root["Shared Read Blocks"] ?? 0) : undefined,
  };
}

function flatten(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(flatten)];
}
