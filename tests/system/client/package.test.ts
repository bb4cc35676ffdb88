import { readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Package, checkPackage } from "@arethetypeswrong/core";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { generate } from "../../../packages/client/generate.ts";
import { CLIENT, buildClient } from "../../harness/client-package.ts";
import { json } from "../../unit/contract/document.ts";

const KB = 1024;
/** Folder of the package as published: manifest and build output. */
let dir = "";

beforeAll(() => {
  dir = buildClient();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const files = () => readdirSync(join(dir, "dist")).map((name) => join(dir, "dist", name));

test("the client's generated types match the committed OpenAPI document (npm run openapi)", () => {
  const bare = (text: string) => text.replaceAll(/[\s;,|()]/g, "");
  for (const [name, text] of Object.entries(generate(json))) {
    const kept = readFileSync(join(CLIENT, "src", `${name}.ts`), "utf8");
    expect(bare(kept) === bare(text), `${name}: run npm run openapi`).toBe(true);
  }
});

test("publint reports no problem in the client package", async () => {
  const { messages } = await publint({ pkgDir: dir, pack: false, strict: true });
  expect(messages.map(({ code, path }) => `${code} ${path.join(".")}`)).toEqual([]);
});

test("the client package's types resolve for every way to import an ES module", async () => {
  const content = Object.fromEntries(
    [join(dir, "package.json"), ...files()].map((file) => [
      `/node_modules/@gotong/client${file.slice(dir.length)}`,
      readFileSync(file, "utf8"),
    ]),
  );
  const analysis = await checkPackage(new Package(content, "@gotong/client", "0.1.0"));
  const { problems } = v.parse(v.object({ problems: v.array(v.looseObject({ kind: v.string() })) }), analysis);
  // Ignores two cases: `require()` of an ES module works in Node 20 and later, and the classic resolution does not read
  // `exports`.
  const ours = problems.filter(
    ({ kind, resolutionKind }) => kind !== "CJSResolvesToESM" && resolutionKind !== "node10",
  );
  expect(ours).toEqual([]);
});

test("the client package is small, and has no dependencies, not even on Node", () => {
  const code = files().filter((file) => file.endsWith(".js"));
  const text = code.map((file) => readFileSync(file, "utf8")).join("\n");
  expect(
    [...text.matchAll(/from "([^"]+)"/g)].map(([, from]) => from).filter((from) => !from?.startsWith("./")),
  ).toEqual([]);
  expect(text).not.toMatch(/\bprocess\.|\bBuffer\b|require\(/);
  process.stdout.write(`the client has ${(text.length / KB).toFixed(1)} KB unminified\n`);
  expect(text.length).toBeLessThan(60 * KB); // 5 KB of these, the hash of large files, are loaded when needed; 13 KB check proofs
});
