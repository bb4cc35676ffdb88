import { existsSync, globSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as v from "valibot";
import { QUEUES } from "../../../packages/core/src/platform/queue/index.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const documents = [...globSync("*.md", { cwd: ROOT }), ...globSync("docs/**/*.md", { cwd: ROOT })];
const { scripts } = v.parse(
  v.object({ scripts: v.record(v.string(), v.string()) }),
  JSON.parse(read("package.json")) as unknown,
);

/** The code spans of the documents that match `pattern`, each with its document. */
const quoted = (pattern: RegExp) =>
  documents.flatMap((document) =>
    [...read(document).matchAll(/`([^`\n]+)`/g)].flatMap(([, text = ""]) => {
      const found = pattern.exec(text)?.[1];
      return found === undefined ? [] : [{ document, found }];
    }),
  );

/** Whether the repository has a file or folder of this name. `<noun>` matches any name, and the path may be relative to a package. */
function exists(path: string): boolean {
  const pattern = path.replaceAll(/<[^>]+>/g, "*").replace(/\/$/, "");
  const inPackage = pattern.replace(/^(core|api|workers|ops|local|client)\//, "packages/$1/src/");
  return [pattern, `packages/${pattern}`, inPackage].some((name) => globSync(name, { cwd: ROOT }).length > 0);
}

test("every repository path in a document exists", () => {
  const paths = quoted(/^((?:packages|infra|tests|scripts|migrations|docs|core|api|workers|ops|local|client)\/\S*)$/);
  expect(paths.length).toBeGreaterThan(100);
  expect(paths.filter(({ found }) => !exists(found)).map(({ document, found }) => `${document}: ${found}`)).toEqual([]);
});

test("every file name in a document exists", () => {
  const folders = "{packages,infra,tests,scripts,docs,bench,migrations}/**";
  const all = globSync(["*", ".*", folders], { cwd: ROOT, exclude: (name) => /node_modules|\.sst/.test(name) });
  const named = quoted(/^((?:[\w.-]+\/)*[\w.-]+\.(?:ts|mjs|sql|yaml|conf))$/);
  expect(named.length).toBeGreaterThan(100);
  const ours = named.filter(({ document }) => document !== "docs/spec/sst-notes.md"); // names files of SST
  const missing = ours.filter(({ found }) => !all.some((path) => path === found || path.endsWith(`/${found}`)));
  expect(missing.map(({ document, found }) => `${document}: ${found}`)).toEqual([]);
});

test("every npm script in a document exists", () => {
  const named = quoted(/^npm run (?:--silent )?([\w:-]+)/);
  expect(named.length).toBeGreaterThan(20);
  expect(
    named.filter(({ found }) => !(found in scripts)).map(({ document, found }) => `${document}: ${found}`),
  ).toEqual([]);
});

test.each(["docs", "docs/runbooks"])("the index of %s lists every document in that folder", (folder) => {
  const index = read(`${folder}/README.md`);
  const others = readdirSync(join(ROOT, folder)).filter(
    (name) => name !== "README.md" && (name.endsWith(".md") || existsSync(join(ROOT, folder, name, "README.md"))),
  );
  expect(others.length).toBeGreaterThan(5);
  expect(others.filter((name) => !index.includes(`(${name}`))).toEqual([]);
});

test("the diagram in the README contains every queue, the CDN and Redis", () => {
  const drawing = /```mermaid\n([^]*?)```/.exec(read("README.md"))?.[1] ?? "";
  const names = [...QUEUES, "CloudFront", "Redis"];
  expect(names.filter((name) => !new RegExp(`\\[\\(?${name}\\b`).test(drawing))).toEqual([]);
});
