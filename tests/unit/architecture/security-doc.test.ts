import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const TEXT = readFileSync(join(ROOT, "docs", "security.md"), "utf8");

/** OWASP ASVS 5.0.0: the number of level 1 and 2 requirements by section. In every section they precede those of level 3. */
const SECTIONS = `
  1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4
  5.1:1 5.2:3 5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2
  8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4
  11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7
  16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2`;
const REQUIREMENTS = SECTIONS.trim()
  .split(/\s+/)
  .flatMap((entry) => {
    const [section, count] = entry.split(":");
    return Array.from({ length: Number(count) }, (_, index) => `V${section}.${index + 1}`);
  });

interface Row {
  readonly ids: readonly string[];
  readonly status: string;
  readonly how: string;
  readonly proof: string;
}

/** The cells of the table lines that match `pattern`. */
const cellsOf = (pattern: RegExp) =>
  TEXT.split("\n")
    .filter((line) => pattern.test(line))
    .map((line) => line.split("|").map((cell) => cell.trim()));

/** Expands a range such as `V1.2.6–V1.2.8` to all its requirements. */
function expand(text: string): string[] {
  const [first = "", last = first] = text.split("–");
  const [from, to] = [REQUIREMENTS.indexOf(first), REQUIREMENTS.indexOf(last)];
  if (from < 0 || to < from) throw new Error(`${text} is no requirement of level 1 or 2`);
  return REQUIREMENTS.slice(from, to + 1);
}

const rows = (): Row[] =>
  cellsOf(/^\| V\d/).map(([, ids = "", , status = "", how = "", proof = ""]) => ({
    ids: expand(ids),
    status,
    how,
    proof,
  }));

test("ASVS 5.0 has 253 requirements of levels 1 and 2, as OWASP states", () => {
  expect(REQUIREMENTS).toHaveLength(253);
});

test("docs/security.md has one row for every ASVS 5.0 requirement of levels 1 and 2", () => {
  expect(rows().flatMap(({ ids }) => ids)).toEqual(REQUIREMENTS);
});

test("each ASVS row has a status and a reason, and each row with the status met names its proof", () => {
  for (const { ids, status, how, proof } of rows()) {
    expect(["met", "partly", "not met", "n/a"], ids.join()).toContain(status);
    expect(how.length, ids.join()).toBeGreaterThan(8);
    if (status === "met") expect(proof, ids.join()).not.toBe("");
  }
});

test("every file that the security document names as a proof exists", () => {
  const named = [...TEXT.matchAll(/\b(?:tests|packages|infra|docs|migrations)\/[\w./-]+\w/g)].map(([path]) => path);
  const missing = [...new Set(named)].filter((path) => !existsSync(join(ROOT, path)));
  expect(named.length).toBeGreaterThan(100);
  expect(missing).toEqual([]);
});

test("each threat in the security document names a control and a test", () => {
  const threats = cellsOf(/^\| [A-Z]?\d+ +\|/);
  expect(threats.length).toBeGreaterThan(20);
  for (const [, id = "", threat = "", control = "", proof = ""] of threats) {
    expect([threat.length > 10, control.length > 10, /\.test\.ts|not proved/.test(proof)], id).toEqual([
      true,
      true,
      true,
    ]);
  }
});
