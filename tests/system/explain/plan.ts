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
  /** Tables that are read from end to end. */
  readonly scanned: readonly string[];
  readonly indexes: readonly string[];
  /** Pages of 8 KB that were touched; undefined unless the query was run. */
  readonly blocks: number | undefined;
}

/** How PostgreSQL would answer a query, or with `run` how it did. */
export async function explain(
  sql: Pick<postgres.Sql, "unsafe">,
  query: { text: string; params: readonly unknown[] },
  run = false,
): Promise<Plan> {
  const options = run ? "analyze, buffers, format json" : "format json";
  const params = v.parse(v.array(v.union([v.string(), v.number(), v.boolean(), v.null()])), query.params);
  const rows = await sql.unsafe(`explain (${options}) ${query.text}`, params);
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
