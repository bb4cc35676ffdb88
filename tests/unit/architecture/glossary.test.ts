import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { QUEUES } from "../../../packages/core/src/platform/queue/index.ts";

const glossary = readFileSync(join(import.meta.dirname, "..", "..", "..", "docs", "glossary.md"), "utf8");
const [definitions = "", replaced = ""] = glossary.split("## Words that we do not use");
/** The terms in the first column of each table, without its header; a row may define several terms. */
const termsOf = (tables: string) =>
  [...tables.matchAll(/^\| ([^|]+?) +\|/gm)]
    .flatMap(([, cell = ""]) => cell.split(", "))
    .filter((term) => !/^(term|instead of|-+)$/.test(term));

test("the glossary defines each term once", () => {
  const bold = [...definitions.matchAll(/\*\*(.+?)\*\*/g)].map(([, term = ""]) => term);
  const terms = [...termsOf(definitions), ...bold].map((term) => term.toLowerCase());
  expect(terms.length).toBeGreaterThan(100);
  expect(terms.filter((term, index) => terms.indexOf(term) !== index)).toEqual([]);
});

test("no term of the glossary is also in the glossary's list of words that we do not use", () => {
  const terms = new Set(termsOf(definitions));
  expect(termsOf(replaced).filter((word) => terms.has(word))).toEqual([]);
});

test("the glossary names every queue", () => {
  expect(QUEUES.filter((queue) => !definitions.includes(`\`${queue}\``))).toEqual([]);
});
