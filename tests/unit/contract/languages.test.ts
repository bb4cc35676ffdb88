import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Node, Visitor, parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { AppError, CATALOGUE, type Code, FIELD_CODES, invalidField } from "@gotong/core/platform/error.ts";
import { Language } from "@gotong/core/platform/language/index.ts";
import { FIELD_TEXTS, MAILS, PHRASES, TITLES } from "@gotong/core/platform/language/indonesian.ts";
import { EVIDENCE_TEXTS } from "@gotong/core/platform/language/indonesian-evidence.ts";
import { NOTICES } from "@gotong/core/platform/language/indonesian-notices.ts";
import { problem, translated } from "@gotong/core/platform/language/translate.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
/** Files whose messages no member reads: settings for operators, examples of the document, and the check of those examples. */
const NOT_FOR_MEMBERS = /platform\/config[./]|platform\/language\/|openapi\/|\.test\.ts$/;
/** Words that identify English text; none of them is an Indonesian word. */
const ENGLISH = /\b(the|must|not|your|you|is|are|was|has|have|with|from|this|of|at most|at least|only|try again)\b/i;

/** The string literals in an expression, with `{0}` and so on for computed parts. */
function textsIn(node: Node): string[] {
  if (node.type === "Literal") return typeof node.value === "string" ? [node.value] : [];
  if (node.type === "ConditionalExpression") return [...textsIn(node.consequent), ...textsIn(node.alternate)];
  if (node.type !== "TemplateLiteral") return [];
  const parts = node.quasis.map(
    ({ value }, index) => `${value.cooked ?? ""}${index < node.expressions.length ? `{${index}}` : ""}`,
  );
  return [parts.join("")];
}

interface Found {
  readonly file: string;
  readonly text: string;
}

/** The details, findings, refusals, field messages and mails in the code, found by their syntax. */
function messages(): Found[] {
  const found: Found[] = [];
  const files = globSync("packages/{core,api}/src/**/*.ts", { cwd: ROOT }).filter(
    (file) => !NOT_FOR_MEMBERS.test(file),
  );
  for (const file of files) {
    const add = (texts: readonly string[]) => found.push(...texts.map((text) => ({ file, text })));
    const aboutField = (node: Node) => add(textsIn(node).filter((text) => /^(must|is)( |$)/.test(text)));
    new Visitor({
      Property: ({ key, value }) => {
        if (key.type === "Identifier" && /^(detail|refusalDetail)$/.test(key.name)) add(textsIn(value));
      },
      VariableDeclarator: ({ id, init }) => {
        if (id.type === "Identifier" && id.name === "detail" && init) add(textsIn(init));
      },
      NewExpression: ({ callee, arguments: [, second] }) => {
        if (callee.type === "Identifier" && callee.name === "Refusal" && second && second.type !== "SpreadElement")
          add(textsIn(second));
      },
      CallExpression: ({ callee, arguments: [first, second, third] }) => {
        if (callee.type !== "Identifier") return;
        if (callee.name === "finding" && second && second.type !== "SpreadElement") add(textsIn(second));
        if (callee.name === "say" && first && first.type !== "SpreadElement") add(textsIn(first));
        if (callee.name === "malformed" && first && first.type !== "SpreadElement") add(textsIn(first));
        if (callee.name === "invalidField" && third && third.type !== "SpreadElement") add(textsIn(third));
      },
      Literal: aboutField,
      TemplateLiteral: aboutField,
    }).visit(parseSync(file, readFileSync(join(ROOT, file), "utf8")).program);
  }
  return found.filter(({ text }) => text !== "" && text !== "{0}: {1}" && text !== "{0}");
}

test("every error code and field code has its texts in English and Indonesian", () => {
  const codes = Object.keys(CATALOGUE).filter((code): code is Code => code in CATALOGUE);
  expect(Object.keys(TITLES).toSorted()).toEqual(codes.toSorted());
  for (const code of codes)
    expect(problem(new AppError(code)), code).toMatchObject({ title: TITLES[code], detail: TITLES[code] });
  expect(Object.keys(FIELD_TEXTS).toSorted()).toEqual([...FIELD_CODES].toSorted());
});

test("every detail, finding, refusal, field message and mail in the code has an Indonesian translation", () => {
  const all = messages();
  expect(all.length).toBeGreaterThan(120);
  const untranslated = all.filter(({ text }) => translated(text.replaceAll(/\{(\d)\}/g, "7")) === undefined);
  expect(untranslated).toEqual([]);
});

test("every file type in a refusal has an Indonesian translation", () => {
  const file = "packages/core/src/domain/evidence/examiner/file-type.ts";
  const names: string[] = [];
  const literal = (node: Node) => names.push(...textsIn(node).filter((text) => /^(an?|of an) \w/.test(text)));
  new Visitor({ Literal: literal }).visit(parseSync(file, readFileSync(join(ROOT, file), "utf8")).program);
  expect(names.length).toBeGreaterThan(15);
  // A message contains the name of a file type with its media type if the type is accepted as evidence, and otherwise
  // alone.
  const unknown = names.filter((name) => !translated(name) && !translated(`${name} (image/jpeg)`));
  expect(unknown).toEqual([]);
  expect(translated("The file is a JPEG picture (image/jpeg), not image/png.")).toBe(
    "Berkas ini gambar JPEG (image/jpeg), bukan image/png.",
  );
  expect(translated("The video is encrypted. Save it without a password or copy protection.")).toBe(
    "Berkas video ini terkunci. Simpan tanpa kata sandi atau perlindungan salinan.",
  );
});

test("no Indonesian text contains English words", () => {
  const texts = [
    ...Object.values(TITLES),
    ...Object.values(FIELD_TEXTS),
    ...Object.values(PHRASES),
    ...Object.values(MAILS),
    ...Object.values(NOTICES),
    ...Object.values(EVIDENCE_TEXTS),
  ];
  expect(texts.filter((text) => ENGLISH.test(text))).toEqual([]);
});

test("a translation keeps the variable parts of a message, and translates words in them unless they are codes", () => {
  expect(translated("must have at most 10 characters")).toBe("paling banyak 10 karakter");
  expect(translated("must have at most 10 skills")).toBe("paling banyak 10 keahlian");
  expect(translated("must be one of open, assigned")).toBe("harus salah satu dari open, assigned");
  expect(translated("The task is open; it must be assigned or in_progress.")).toBe(
    "Tugas ini terbuka; seharusnya diambil atau dikerjakan.",
  );
  expect(translated("No such text")).toBeUndefined();
  const { detail, errors } = problem(invalidField("title", "too_short", "a new message"));
  expect(detail).toBe("title: terlalu pendek");
  expect(errors).toEqual([{ field: "title", code: "too_short", message: "terlalu pendek" }]);
});

test("the preferred language is our language with the greatest weight in Accept-Language", () => {
  const cases: [string | undefined, string | undefined][] = [
    [undefined, undefined],
    ["", undefined],
    ["*", undefined],
    ["fr, de;q=0.5", undefined],
    ["id", "id"],
    ["id-ID,id;q=0.9,en-US;q=0.8,en;q=0.7", "id"],
    ["in-ID", "id"],
    ["en;q=0.3, ID ; q=0.4", "id"],
    ["id;q=0, en;q=0.1", "en"],
    ["id;q=x, en", "en"],
    [`${"fr,".repeat(30)}id`, undefined],
  ];
  for (const [header, language] of cases) expect(Language.preferred(header), header).toBe(language);
});
