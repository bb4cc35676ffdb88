import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { DEFINITIONS } from "@gotong/core/platform/metrics/definitions.ts";
import { ROOT } from "../../infra/evaluate/evaluations.ts";

/**
 * Fields of log lines other than metrics: those of core/src/platform/log.ts, of the line of a request and of an
 * attempt.
 */
const FIELDS =
  "message level error service stage request_id method route status duration_ms code event_id result latency_ms".split(
    " ",
  );
/** Keywords of Logs Insights, and aliases that a query defines. */
const LANGUAGE =
  /^(filter|and|or|stats|count|as|by|sort|desc|sum|max|min|avg|pct|bin|requests|failures|attempts|errors|mean|seconds|\d+|\d+[mh])$/;

const isField = (word: string) =>
  FIELDS.includes(word) ||
  Object.entries(DEFINITIONS).some(([name, definition]) => {
    if ("isAlarmed" in definition || "isInRequestLine" in definition) return false;
    if (definition.type === "histogram") return ["count", "sum", "max"].some((end) => word === `${name}_${end}`);
    return definition.labels.length === 0 ? word === name : word.startsWith(`${name}_`);
  });

/** Returns the Logs Insights queries of a page: lines, or strings in backticks, that begin with `filter`. */
const queriesOf = (page: string) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(/(?:^|`)(filter [^`\n]+)/gm)].map(([, query = ""]) => query);

test.each([
  ["docs/monitoring.md", 7],
  ["docs/runbooks/api-failures.md", 2],
  ["docs/runbooks/database-busy.md", 1],
  ["docs/runbooks/deliveries-refused.md", 1],
])("the Logs Insights queries in %s use only fields that log lines have", (page, count) => {
  const queries = queriesOf(page);
  expect(queries).toHaveLength(count);
  for (const query of queries) {
    const words = query.replaceAll(/"[^"]*"/g, "").match(/[\w.]+/g) ?? [];
    expect(
      words.filter((word) => !LANGUAGE.test(word) && !isField(word)),
      query,
    ).toEqual([]);
  }
});
