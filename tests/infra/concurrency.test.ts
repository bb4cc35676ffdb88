import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";
import { reservable, sessionsOf, sessionsOfDatabase } from "../../infra/stage-shape.ts";
import { describeStage } from "../../infra/stages.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const reservationsOf = ({ resources }: Evaluation) =>
  resources
    .filter(({ type }) => type === "aws:lambda/function:Function")
    .flatMap(({ name, inputs }) => {
      const reserved = inputs["reservedConcurrentExecutions"];
      return reserved === undefined ? [] : [[name, reserved] as const];
    });

test("only the API of each stage reserves concurrency", () => {
  for (const evaluation of all.filter(
    ({ variant }) => !variant.isDev && variant.variables["MOCK_QUOTA"] === undefined,
  )) {
    const { variant } = evaluation;
    const { api } = describeStage(variant.stage);
    expect(reservationsOf(evaluation), variant.id).toEqual([["ApiFunction", api.reservedConcurrency]]);
  }
});

test("a stage in a new account reserves no concurrency, since the account's quota of ten is the limit", () => {
  const [newcomer, ...others] = all.filter(({ variant }) => variant.variables["MOCK_QUOTA"] === "10");
  expect(others).toEqual([]);
  if (!newcomer) throw new Error("no variant is in a new account");
  expect(reservationsOf(newcomer)).toEqual([["ApiFunction", -1]]);
  expect([reservable(40, 10), reservable(40, 139), reservable(40, 140), reservable(0, 1000)]).toEqual([0, 0, 40, 0]);
});

test("the database has enough sessions for the maximum concurrency, and the usual account quota suffices for all stages", () => {
  for (const name of ["production", "staging", "dev", "wulan", "pr-1", "tenant-bandung"]) {
    const stage = describeStage(name);
    expect(sessionsOf(stage), name).toBeLessThanOrEqual(0.8 * sessionsOfDatabase(stage.database));
  }
  const reserved = (name: string) => describeStage(name).api.reservedConcurrency;
  // One account for all stages: production, staging, dev, three developers, five previews, and five tenants.
  const together =
    reserved("production") +
    reserved("staging") +
    reserved("dev") +
    3 * reserved("wulan") +
    5 * reserved("pr-1") +
    5 * reserved("tenant-bandung");
  expect(together).toBeLessThanOrEqual(900);
});

test("docs/deploy.md has the concurrency and database sessions of each stage, as in the table of infra/stages.ts", () => {
  const text = readFileSync(join(ROOT, "docs", "deploy.md"), "utf8").replaceAll(/ +/g, " ");
  for (const [words, name] of [
    ["production", "production"],
    ["staging", "staging"],
    ["tenants", "tenant-bandung"],
    ["previews", "pr-1"],
    ["others", "wulan"],
  ] as const) {
    const stage = describeStage(name);
    const figures = [stage.api.reservedConcurrency, sessionsOf(stage), sessionsOfDatabase(stage.database)];
    expect(text).toContain(`| ${words} | ${figures.map((figure) => figure.toLocaleString("en")).join(" | ")} |`);
  }
  const { requestsPerAddress } = describeStage("production").firewall;
  expect(text).toContain(`${requestsPerAddress.toLocaleString("en")} requests in five minutes`);
});

test("a reserved concurrency above the database's sessions, or a provisioned concurrency above the reserved one, is rejected", () => {
  expect(() => describeStage("tenant-bandung", { reservedConcurrency: 400 })).toThrow("GOTONG_RESERVED_CONCURRENCY");
  expect(() => describeStage("production", { reservedConcurrency: 5, provisionedConcurrency: 10 })).toThrow(
    "provisioned concurrency is a part of the reserved one",
  );
  expect(
    describeStage("production", { reservedConcurrency: 0, provisionedConcurrency: 10 }).api.reservedConcurrency,
  ).toBe(0);
});
