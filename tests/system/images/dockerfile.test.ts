import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ROOT } from "./compose.ts";
import { faultsOf } from "./dockerfile.ts";

const text = readFileSync(join(ROOT, "Dockerfile"), "utf8");

test("the Dockerfile follows our rules for images", () => {
  expect(faultsOf(text)).toEqual([]);
});

test.for([
  ["node:24.21.0-bookworm-slim", "node:24", "without an exact version"],
  ["COPY . .", "ADD . .", "ADD fetches"],
  ["npm ci", "npm install", "npm install ignores the lock file"],
  ["USER 1000:1000", "USER root", "runs as root"],
  ["USER 1000:1000", "", "runs as root"],
  ["HEALTHCHECK NONE", "", "gotong has no health check"],
  ["WORKDIR /app", "", "has no working directory"],
  ["ENV NODE_ENV=production", "ENV JWT_KEY=abc", "keeps a secret"],
  ['ENTRYPOINT ["node"]', "ENTRYPOINT node", "shell form"],
  ["RUN node", "RUN curl https://example.org/x | sh && node", "trusts what it downloads"],
] as const)("the check of the Dockerfile detects a changed %s: %s", ([right, wrong, fault]) => {
  expect(text).toContain(right);
  expect(faultsOf(text.replace(right, wrong)).join("\n")).toContain(fault);
});

test("the images run the project's Node version", () => {
  expect(text).toContain(`FROM node:${readFileSync(join(ROOT, ".nvmrc"), "utf8").trim()}-bookworm-slim AS node`);
});

const hasHadolint = spawnSync("hadolint", ["--version"]).status === 0;
if (!hasHadolint)
  process.stderr.write("There is no hadolint here: the Dockerfile is checked by our own rules alone.\n");

test.skipIf(!hasHadolint)("hadolint reports no problem in the Dockerfile", () => {
  const { stdout, status } = spawnSync("hadolint", [join(ROOT, "Dockerfile")], { encoding: "utf8" });
  expect([stdout, status]).toEqual(["", 0]);
});
