import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const sources = globSync("packages/{api,core,workers}/src/**/*.ts", { cwd: ROOT })
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => !file.endsWith(".test.ts"));
const containing = (pattern: RegExp) => sources.filter((file) => pattern.test(readFileSync(join(ROOT, file), "utf8")));

test("no server evaluates strings as code (Redis only runs constant scripts)", () => {
  expect(sources.length).toBeGreaterThan(200);
  expect(containing(/(?<!redis\.)\beval\(|new Function\(|\bvm\b.*from "node:vm"/)).toEqual([]);
});

/** Files that build regular expressions at run time, with the source of the patterns. */
const BUILT: Readonly<Record<string, string>> = {
  "packages/api/src/http/site.ts": "the first parts of the API's paths",
  "packages/api/src/middleware/route-patterns.ts": "the paths of routes",
  "packages/core/src/domain/account/export/query.ts": "a constant",
  "packages/core/src/domain/evidence/examiner/pdf-objects.ts": "names of PDF's dictionaries, constants of its callers",
  "packages/core/src/domain/evidence/examiner/xmp.ts": "names of XMP's properties, constants of its callers",
  "packages/core/src/domain/password/guessable.ts": "constants",
  "packages/core/src/platform/language/translate.ts": "English texts of ours",
};

test("no regular expression is built from a caller's input", () => {
  expect(containing(/\bRegExp\(/).toSorted()).toEqual(Object.keys(BUILT).toSorted());
});
