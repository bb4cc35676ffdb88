import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const SPEC = join(ROOT, "docs", "spec");
/** Generated or third-party files, whose citations are not checked. */
const NOT_WRITTEN = /(^|\/)(package-lock\.json|openapi\.json|LICENSE|snapshots\/.*|meta\/.*|citations\.test\.ts)$/;

/** Files written by hand: code, scripts and documents, relative to the root. */
const files = globSync("**/*.{ts,mts,mjs,md,yaml,yml,conf,sh}", {
  cwd: ROOT,
  exclude: (name) => ["node_modules", ".git", ".local", ".sst", "dist"].includes(name),
}).filter((path) => !NOT_WRITTEN.test(path));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

/** The text of a numbered section of a document of the specification; undefined if there is none. */
function sectionOf(document: string, number: string): string | undefined {
  const [, ...sections] = readFileSync(join(SPEC, `${document}.md`), "utf8").split(/^(?=## \d+\. )/m);
  return sections.find((section) => section.startsWith(`## ${number}. `));
}

const citations = files.flatMap((path) =>
  [
    ...read(path).matchAll(/\b(platform|infrastructure|sst-notes|dependencies)(?:\.md)? §(\d+)(?: ([A-Z]\d{1,2})\b)?/g),
  ].map(([text, document = "", number = "", item]) => ({ path, text, document, number, item })),
);

test("every citation of the specification names an existing section and, if it names an item, an existing item", () => {
  expect(citations.length).toBeGreaterThan(200);
  const broken = citations.filter(({ document, number, item }) => {
    const section = sectionOf(document, number);
    return section === undefined || (item !== undefined && !new RegExp(`\\b${item}\\b`).test(section));
  });
  expect(broken.map(({ path, text }) => `${path}: ${text}`)).toEqual([]);
});

/** The anchor that GitHub and other forges generate for a heading. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .trim()
    .replaceAll(" ", "-");

test("every link in a document leads to an existing file and, if it has an anchor, to an existing heading", () => {
  const broken = files
    .filter((path) => path.endsWith(".md"))
    .flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(?:#([^)\s]*))?\)/g)]
        .filter(([, target = "", anchor]) => {
          const file = target === "" ? path : normalize(join(dirname(path), target));
          if (!existsSync(join(ROOT, file))) return true;
          if (anchor === undefined || !file.endsWith(".md")) return false;
          return ![...read(file).matchAll(/^#+ (.*)$/gm)].some(([, heading = ""]) => anchorOf(heading) === anchor);
        })
        .map(([link]) => `${path}: ${link}`),
    );
  expect(broken).toEqual([]);
});

test("every ADR cited in code or documents exists", () => {
  const broken = files.flatMap((path) =>
    [...read(path).matchAll(/\bADR[ -](\d{1,4})\b/g)]
      .filter(([, number = ""]) => !files.some((name) => name.startsWith(`docs/adr/${number.padStart(4, "0")}-`)))
      .map(([text]) => `${path}: ${text}`),
  );
  expect(broken).toEqual([]);
});

test("ADRs are numbered from 1 without gaps, their titles repeat the number, and the index lists each of them", () => {
  const adrs = files.filter((path) => path.startsWith("docs/adr/") && !path.endsWith("README.md")).toSorted();
  expect(adrs.length).toBeGreaterThan(5);
  expect(adrs.map((path) => Number(path.slice("docs/adr/".length, "docs/adr/".length + 4)))).toEqual(
    adrs.map((_, index) => index + 1),
  );
  expect(adrs.filter((path, index) => !read(path).startsWith(`# ${index + 1}. `))).toEqual([]);
  const index = read("docs/adr/README.md");
  const links = adrs.map((path) => `[${/^# \d+\. (.*)/.exec(read(path))?.[1]}](${path.slice("docs/adr/".length)})`);
  expect(links.filter((link) => !index.includes(link))).toEqual([]);
});
