import { beforeAll, expect, test } from "vitest";
import { idleBillOf, billOf } from "@gotong/ops/cost/bill.ts";
import { profileOf } from "@gotong/ops/cost/profile.ts";
import { evaluateEach } from "../../infra/evaluate/each.ts";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";
import { sessionsOf, sessionsOfDatabase } from "../../infra/stage-shape.ts";
import { describeStage } from "../../infra/stages.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const resourcesOf = (id: string) => all.find(({ variant }) => variant.id === id)?.resources ?? [];

/** Types of resources that AWS needs ten minutes or more to create, or bills by the hour even if unused. */
const SLOW_OR_STANDING =
  /^aws:(rds|elasticache|eks)\/|^aws:ec2\/(vpc|natGateway|instance|eip|vpcEndpoint):|^aws:secretsmanager\/secret:/;

test("a preview creates no network, database cluster, cache or IP address of its own", () => {
  const types = resourcesOf("pr-1").map(({ type }) => type);
  expect(types.filter((type) => SLOW_OR_STANDING.test(type))).toEqual([]);
  expect(resourcesOf("dev").some(({ type }) => type === "aws:rds/cluster:Cluster")).toBe(true);
});

test("a preview that exists for three days costs ten cents, and little more with a hundred requests a day", () => {
  const days = (usd: number) => (usd * 3) / 30.4;
  expect(days(idleBillOf(resourcesOf("pr-1")).usd)).toBeLessThan(0.1);
  const lively = billOf(resourcesOf("pr-1"), { ...profileOf(13), databaseAwakeHours: 0 });
  expect(days(lively.usd)).toBeLessThan(0.15);
  // With its own network, cluster and cache, an idle preview would cost several dollars a month.
  expect(idleBillOf(resourcesOf("pr-1")).usd).toBeLessThan(0.1 * idleBillOf(resourcesOf("wulan")).usd);
});

test("a preview's functions run in the network of dev, with a database and a user there that have the preview's name", () => {
  const functions = resourcesOf("pr-1").filter(
    ({ type, inputs }) => type.endsWith("function:Function") && inputs["vpcConfig"],
  );
  expect(functions.length).toBeGreaterThanOrEqual(6);
  for (const { inputs } of functions)
    expect(inputs["vpcConfig"]).toMatchObject({
      subnetIds: ["subnet-1-of-dev", "subnet-2-of-dev"],
      securityGroupIds: ["sg-functions-of-dev"],
    });
  const links = JSON.stringify(all.find(({ variant }) => variant.id === "pr-1")?.links["Api"]);
  expect(links).toContain('"username":"pr-1"');
  expect(links).toContain('"database":"pr-1"');
});

test("only one function of a preview gets the cluster's password: the function that creates and drops the preview's database", () => {
  const resources = resourcesOf("pr-1");
  const made = resources.find(({ type }) => type === "aws:lambda/invocation:Invocation");
  expect(made?.inputs).toMatchObject({ functionName: "gotong-royong-pr-1-database", lifecycleScope: "CRUD" });
  const parameter = resourcesOf("dev").find(({ type }) => type === "aws:ssm/parameter:Parameter");
  expect(parameter?.inputs).toMatchObject({ name: "/gotong-royong-dev-guests", type: "SecureString" });
  const host: unknown = JSON.parse(String(parameter?.inputs["value"]));
  expect(host).toMatchObject({ database: { port: 5432 }, admin: { username: "gotong", database: "gotong_royong" } });
});

test("the shared database cluster has enough sessions for ten previews and dev", () => {
  const [dev, preview] = [describeStage("dev"), describeStage("pr-1")];
  expect(sessionsOf(dev) + 10 * sessionsOf(preview)).toBeLessThanOrEqual(0.8 * sessionsOfDatabase(dev.database));
});

test("a preview is rejected with the reason, before its first resource, if the stage `dev` is not deployed", () => {
  const [attempt] = evaluateEach([{ stage: "pr-1", variables: { MOCK_NO_GUESTS: "true" }, isDev: false }]);
  expect(attempt).toEqual({ refusal: expect.stringContaining("deploy dev first") });
});
