import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Visitor, parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { codes as enCodes } from "../../../packages/web/src/texts/en-codes.ts";
import { notices as enNotices } from "../../../packages/web/src/texts/en-notices.ts";
import { pages as enPages } from "../../../packages/web/src/texts/en-pages.ts";
import { codes as idCodes } from "../../../packages/web/src/texts/id-codes.ts";
import { notices as idNotices } from "../../../packages/web/src/texts/id-notices.ts";
import { pages as idPages } from "../../../packages/web/src/texts/id-pages.ts";

const SRC = join(import.meta.dirname, "..", "..", "..", "packages", "web", "src");
const id: Readonly<Record<string, string>> = { ...idPages, ...idCodes, ...idNotices };
const en: Readonly<Record<string, string>> = { ...enPages, ...enCodes, ...enNotices };
const sources = globSync("**/*.{ts,tsx}", { cwd: SRC })
  .filter((path) => !/^texts\/(id|en)/.test(path))
  .map((path) => ({ path, source: readFileSync(join(SRC, path), "utf8") }));

/** Keys whose texts are equal in both languages on purpose. */
const SAME = new Set(["app_name", "check_redis", "tier_other", "target_other"]);
const placeholders = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted();

test("the texts of both languages have the same keys, and none is empty", () => {
  expect(Object.keys(en).toSorted()).toEqual(Object.keys(id).toSorted());
  expect(Object.entries({ ...id, ...en }).filter(([, text]) => text.trim() === "")).toEqual([]);
});

test("the texts of a key have the same placeholders in both languages", () => {
  expect(
    Object.keys(id).filter((key) => placeholders(id[key] ?? "").join() !== placeholders(en[key] ?? "").join()),
  ).toEqual([]);
});

test("no key has the same text in both languages, except for the listed ones", () => {
  expect(Object.keys(id).filter((key) => id[key] === en[key] && !SAME.has(key))).toEqual([]);
});

/** Words in code that a reader would see: text between tags, and attributes that screen readers speak. */
function wordsIn(path: string, source: string): string[] {
  const { program } = parseSync(path, source);
  const found: string[] = [];
  new Visitor({
    JSXText: ({ value }) => {
      if (/\p{L}{2,}/u.test(value)) found.push(`${path}: ${value.trim()}`);
    },
    JSXAttribute: ({ name, value }) => {
      const isRead =
        name.type === "JSXIdentifier" &&
        ["aria-label", "title", "alt", "placeholder", "label", "hint"].includes(name.name);
      // An empty `alt` marks a picture beside its name, which screen readers skip.
      const isEmpty = value?.type === "Literal" && value.value === "";
      if (isRead && !isEmpty && value?.type === "Literal" && !(typeof value.value === "string" && value.value in id))
        found.push(`${path}: ${value.raw}`);
    },
  }).visit(program);
  return found;
}

test("outside of the language files, the code of the app contains no user-visible text", () => {
  expect(sources.length).toBeGreaterThan(30);
  expect(sources.flatMap(({ path, source }) => wordsIn(path, source))).toEqual([]);
  expect(wordsIn("a.tsx", '<p title="Hello">Some words</p>')).toHaveLength(2);
});

/** The codes in the first column of a table of a document, which other tests compare with the code. */
function codesIn(document: string, heading: string): string[] {
  const text = readFileSync(join(SRC, "..", "..", "..", "docs", document), "utf8");
  const table = text.slice(text.indexOf(heading)).split("\n\n")[0] ?? "";
  return table
    .split("\n")
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map(([, code = ""]) => code));
}

test.each([
  ["problem", "api.md", "| code   "],
  ["field", "api.md", "| field code"],
  ["refusal", "domain.md", "| refusal of a file"],
  ["finding", "domain.md", "| finding "],
  ["advice", "domain.md", "| finding "],
])("every code of the API has its text in both languages: %s", (group, document, heading) => {
  const codes = codesIn(document, heading);
  expect(codes.length).toBeGreaterThan(8);
  expect(codes.filter((code) => !(`${group}_${code}` in id))).toEqual([]);
});

test("every text of the app is used in its code", () => {
  const code = sources.map(({ source }) => source).join("\n");
  const families = [...code.matchAll(/t\(\s*`(\w+)_\$\{/g), ...code.matchAll(/textOf\("(\w+)"/g)].map(
    ([, name]) => name,
  );
  const isUsed = (key: string) =>
    code.includes(`"${key}"`) || families.some((name) => name !== undefined && key.startsWith(`${name}_`));
  expect(Object.keys(id).filter((key) => !isUsed(key))).toEqual([]);
});
