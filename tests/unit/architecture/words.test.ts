import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** All files written by hand: code, settings, manifests and documents. */
const WRITTEN = [
  "{bench,infra,migrations,packages,scripts,tests}/**/*.{ts,tsx,mts,mjs,css,html,sql,yaml,conf,py,sh,md}",
  "docs/**/*.md",
  "*.{ts,mjs,md,yaml}",
  ".ci/run",
  ".env.example",
  "Dockerfile",
];

/** Files that are exempt: third-party or generated files, the glossary, this list, quotations of SST, common passwords. */
const LEFT_OUT =
  /(^|\/)(node_modules|dist|snapshots|\.local|\.sst)\/|^docs\/(glossary|spec\/sst-notes)\.md$|architecture\/words\.test\.ts$|common-passwords\.ts$/;

/**
 * Everyday words that once stood for technical terms, each with the terms to write instead (docs/glossary.md). The rule
 * applies to comments, names and strings.
 */
const REPLACED: readonly (readonly [words: RegExp, terms: string])[] = [
  [/\b(hold|holds|held|holding)\b/, "lock, pause, contain, keep"],
  [/\b(bury|buries|buried|give up|gives up|given up|gave up|giving up)\b/, "dead-letter, stop"],
  [/\bvalves?\b/, "delivery switch"],
  [/\b(told|untold)\b/, "returned, reported, logged, notified"],
  [/\bcircles?\b/, "deadlock, cycle"],
  [/\basleep\b/, "auto-paused"],
  [/\b(whoever|nobody)\b/, "the noun: caller, member, operator, process"],
];

/** Legitimate uses, as `path: word`, each with its reason. */
const ALLOWED: Readonly<Record<string, string>> = {
  "packages/core/src/domain/evidence/findings.ts: circle": "the great circle of geometry",
  "packages/core/src/domain/evidence/findings.test.ts: circle": "the great circle of geometry",
  "packages/core/src/domain/user/username.ts: nobody": "a reserved username",
  "packages/local/src/make-demo-photo.ts: circle": "an element of SVG",
  "packages/web/src/pages/work/plot.tsx: circle": "an element of SVG",
  "packages/local/src/postgres-place.ts: nobody": "the unprivileged user of Unix",
  "packages/local/src/s3-proxy.ts: hold": "names of S3: legal-hold, and its message of status 412",
};

/** The replaced words in a text, in lower case, without duplicates. Also finds them inside names: `isHeld`, `held_until`. */
function replacedWords(text: string): string[] {
  const words = text
    .replaceAll(/([a-z\d])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase()
    .replaceAll(/\s+(\/\/|\*)?\s*/g, " ");
  return [...new Set(REPLACED.flatMap(([pattern]) => words.match(new RegExp(pattern, "g")) ?? []))];
}

const files = WRITTEN.flatMap((pattern) =>
  globSync(pattern, { cwd: ROOT, exclude: (path) => LEFT_OUT.test(`${path}/`) }),
)
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !LEFT_OUT.test(file));

test("no file in the repository uses a listed everyday word in place of a technical term", () => {
  expect(files.length).toBeGreaterThan(800);
  const found = files.flatMap((file) =>
    replacedWords(readFileSync(join(ROOT, file), "utf8")).map((word) => `${file}: ${word}`),
  );
  expect(found.filter((use) => ALLOWED[use] === undefined)).toEqual([]);
  expect(Object.keys(ALLOWED).filter((use) => !found.includes(use))).toEqual([]);
});

test("replaced words are found in comments, in parts of names and across lines, but not inside other words", () => {
  const text =
    "// whoever holds it gave\n  // up\nconst isHeld = untold; heldUntil(); held_for = 1; household; threshold; recircled";
  expect(replacedWords(text).toSorted()).toEqual(["gave up", "held", "holds", "untold", "whoever"]);
});
