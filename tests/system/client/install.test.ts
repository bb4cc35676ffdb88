import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLIENT } from "../../harness/client-package.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const TSC = join(ROOT, "node_modules", "typescript", "bin", "tsc");
/** The first program of a developer who uses the client. */
const PROGRAM = `import { GotongClient, ProblemError, storageTokens, type Task } from "@gotong/client";
export const client: GotongClient = new GotongClient({ baseUrl: "https://api.example.org/gateway" });
export const mine = (): Promise<Task> => client.call("getTask", { path: { task_id: "x" } });
console.log([client.isSignedIn, typeof ProblemError, typeof storageTokens].join(" "));
`;

/** Folder of an empty project outside of this repository, into which the packed file is installed. */
let project = "";

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "gotong-consumer-"));
  const pack = ["pack", "--silent", "--pack-destination", project];
  execFileSync("npm", pack, { cwd: CLIENT, encoding: "utf8" });
  const [file] = readdirSync(project).filter((name) => name.endsWith(".tgz"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const install = ["install", "--offline", "--no-audit", "--no-fund", "--silent", `./${file ?? "missing"}`];
  execFileSync("npm", install, { cwd: project, encoding: "utf8" });
  writeFileSync(join(project, "program.ts"), PROGRAM);
}, 120_000);
afterAll(() => rmSync(project, { recursive: true, force: true }));

const installed = () => join(project, "node_modules", "@gotong", "client");

test("the published client package contains code, types, licence, README and manifest, and nothing else", () => {
  expect(readdirSync(installed()).toSorted()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
  const built = readdirSync(join(installed(), "dist"));
  expect(built).toEqual(expect.arrayContaining(["index.js", "index.d.ts"]));
  expect(built.filter((name) => !/\.(js|d\.ts)$/.test(name))).toEqual([]);
  expect(readFileSync(join(installed(), "LICENSE"), "utf8")).toBe(readFileSync(join(ROOT, "LICENSE"), "utf8"));
  expect(JSON.parse(readFileSync(join(installed(), "package.json"), "utf8"))).toMatchObject({
    repository: { directory: "packages/client" },
  });
});

test.each([
  ["nodenext", ["--module", "nodenext"]],
  ["bundler", ["--module", "esnext", "--moduleResolution", "bundler"]],
])(
  "the installed client's types compile in a separate project with module resolution %s and strict libraries",
  (_, options) => {
    const strict = ["--strict", "--noEmit", "--exactOptionalPropertyTypes", "--lib", "es2023,dom", "--types", ""];
    const run = () => execFileSync(process.execPath, [TSC, ...options, ...strict, "program.ts"], { cwd: project });
    expect(run().toString()).toBe("");
  },
);

test("Node runs the installed client package", () => {
  const code = PROGRAM.replaceAll(/, type Task|: GotongClient|: Promise<Task>/g, "");
  writeFileSync(join(project, "program.mjs"), code);
  expect(execFileSync(process.execPath, ["program.mjs"], { cwd: project, encoding: "utf8" })).toBe(
    "false function function\n",
  );
});

test("a bundler builds one browser file from the installed client, without Node modules", async () => {
  const { outputFiles, warnings } = await build({
    entryPoints: [join(project, "program.ts")],
    absWorkingDir: project,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    platform: "browser",
    target: "es2022",
  });
  expect(warnings).toEqual([]);
  const text = outputFiles[0]?.text ?? "";
  expect(text).not.toMatch(/node:|require\(|\bprocess\./);
  process.stdout.write(`a page that uses the client loads ${(text.length / 1024).toFixed(1)} KB of it, minified\n`);
  expect(text.length).toBeLessThan(20 * 1024);
});
