import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { replaceBundle } from "../../infra/function-bundle.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const HANDLER = "packages/workers/src/mail/lambda.handler";
const folder = mkdtempSync(join(tmpdir(), "gotong-function-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a deployment replaces the code that SST has bundled by ours, and keeps copied files and installed packages", async () => {
  const dir = join(folder, "built");
  mkdirSync(join(dir, "node_modules", "sharp"), { recursive: true });
  mkdirSync(join(dir, "migrations"));
  const kept = ["package.json", "node_modules/sharp/index.mjs", "migrations/0000.sql"];
  const replaced = ["bundle.mjs", "bundle.mjs.map", "chunk-OF_SST.mjs", "chunk-OF_SST.mjs.map"];
  for (const file of [...kept, ...replaced]) writeFileSync(join(dir, file), "of SST");

  await replaceBundle(ROOT, HANDLER, dir);

  for (const file of kept) expect(readFileSync(join(dir, file), "utf8"), file).toBe("of SST");
  expect(readdirSync(dir).filter((file) => file.startsWith("chunk-OF_SST"))).toEqual([]);
  expect(readFileSync(join(dir, "bundle.mjs"), "utf8")).toMatch(/export\s*\{[^}]*\bhandler\b/);
});

test("the replacement works from SST's bundle of the configuration, which contains rolldown's JavaScript but not its native part", async () => {
  const dir = join(folder, "deployed");
  mkdirSync(dir);
  writeFileSync(join(dir, "bundle.mjs"), "of SST");
  // SST writes its bundle of sst.config.ts to this folder, from which Node resolves the packages of the project.
  const platform = join(ROOT, ".sst", "platform");
  mkdirSync(platform, { recursive: true });
  const config = join(platform, `test-${process.pid}.mjs`);
  await build({
    stdin: { contents: 'export { replaceBundle } from "./infra/function-bundle.ts";', resolveDir: ROOT, loader: "ts" },
    bundle: true,
    format: "esm",
    platform: "node",
    mainFields: ["module", "main"],
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    outfile: config,
  });
  const call = `const { replaceBundle } = await import(${JSON.stringify(config)}); await replaceBundle(...${JSON.stringify([ROOT, HANDLER, dir])});`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", call], { encoding: "utf8" });
  rmSync(config);
  expect(stderr).toBe("");
  expect(status).toBe(0);
  expect(readFileSync(join(dir, "bundle.mjs"), "utf8")).toMatch(/export\s*\{[^}]*\bhandler\b/);
});

test("an evaluation of the infrastructure, for which nothing is bundled, bundles nothing", async () => {
  const dir = join(folder, "evaluated");
  mkdirSync(dir);
  await replaceBundle(ROOT, HANDLER, dir);
  expect(readdirSync(dir)).toEqual([]);
});
