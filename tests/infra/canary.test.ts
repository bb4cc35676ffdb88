import { beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";
import { patience } from "../system/outages/cloudwatch.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const productions = () => all.filter(({ variant }) => variant.stage === "production");
const one = ({ resources }: Evaluation, type: string, name: string): Resource => {
  const found = resources.find((resource) => resource.type === type && resource.name === name);
  if (!found) throw new Error(`there is no ${type} ${name}`);
  return found;
};

test("the API's URL and both permissions of CloudFront refer to the alias, so that a canary shifts the traffic of callers", () => {
  for (const production of productions()) {
    expect(one(production, "aws:lambda/functionUrl:FunctionUrl", "ApiUrl").inputs).toMatchObject({
      qualifier: "live",
      authorizationType: "AWS_IAM",
    });
    const leaves = production.resources.filter(
      ({ type, name }) => type.endsWith(":Permission") && name.startsWith("ApiCloudFront"),
    );
    expect(leaves.map(({ inputs }) => String(inputs["action"])).toSorted()).toEqual([
      "lambda:InvokeFunction",
      "lambda:InvokeFunctionUrl",
    ]);
    for (const { inputs } of leaves)
      expect(inputs).toMatchObject({
        qualifier: "live",
        principal: "cloudfront.amazonaws.com",
        sourceArn: expect.stringContaining(":distribution/"),
      });
  }
});

test("CloudFront signs its requests to the API: the route has origin access control", () => {
  for (const production of productions()) {
    const route = production.resources.find(({ name }) => name.startsWith("ApiRouteKey"));
    const entries = JSON.stringify(route?.inputs["entries"]).replaceAll("\\", "");
    expect(entries).toMatch(/"originAccessControlConfig":\{[^}]*"signingBehavior":"always"/);
    expect(entries).toMatch(/"originAccessControlConfig":\{[^}]*"originType":"lambda"/);
  }
});

/**
 * Evaluates the deployment that publishes version 2 after version 1. Returns the version to which the alias points,
 * and the version that is published.
 */
function secondDeployment(id: string): { readonly live: unknown; readonly published: unknown } {
  const evaluation = all.find(({ variant }) => variant.id === id);
  if (!evaluation) throw new Error(`there is no variant ${id}`);
  const { inputs, options } = one(evaluation, "aws:lambda/alias:Alias", "ApiLive");
  const isLeft = options.ignoreChanges.includes("functionVersion");
  const published = one(evaluation, "aws:lambda/function:Function", "ApiFunction").outputs["version"];
  return { live: isLeft ? "1" : inputs["functionVersion"], published };
}

test("each deployment publishes a version of the API, and a deployment outside of a release moves all traffic to that version", () => {
  for (const production of productions())
    expect(one(production, "aws:lambda/function:Function", "ApiFunction").inputs["publish"]).toBe(true);
  expect(secondDeployment("production, the next version")).toEqual({ live: "2", published: "2" });
  for (const { variant, ...production } of productions()) {
    if (variant.variables["GOTONG_RELEASE"] !== undefined) continue;
    const alias = one({ variant, ...production }, "aws:lambda/alias:Alias", "ApiLive");
    // A deployment outside of a release cancels a running canary: the alias no longer splits traffic.
    expect([alias.options.ignoreChanges, alias.inputs["routingConfig"]], variant.id).toEqual([[], undefined]);
  }
});

test("during gotong release all traffic stays on the former version until CodeDeploy moves it", () => {
  const id = "production, the next version as a release";
  expect(secondDeployment(id)).toEqual({ live: "1", published: "2" });
  const release = all.find(({ variant }) => variant.id === id);
  expect(release?.outputs).toMatchObject({
    targetVersion: "2",
    provisionedConcurrency: 5,
    canary: { minutes: 10, requestsPerMinute: 200 },
  });
  if (release)
    expect(one(release, "aws:lambda/alias:Alias", "ApiLive").options.ignoreChanges).toEqual([
      "functionVersion",
      "routingConfig",
    ]);
});

test("an alias that splits traffic has no provisioned concurrency, which AWS rejects until the shift is over", () => {
  const provisioned = productions().filter(({ resources }) =>
    resources.some(({ type }) => type.endsWith(":ProvisionedConcurrencyConfig")),
  );
  expect(provisioned.map(({ variant }) => variant.id)).toEqual(["production with a domain, warm"]);
  for (const { resources } of provisioned)
    expect(resources.find(({ name }) => name === "ApiProvisioned")?.options.dependencies).toContain("ApiLive");
  const warm = productions().filter(({ variant }) => "GOTONG_PROVISIONED_CONCURRENCY" in variant.variables);
  expect(warm).toHaveLength(2);
});

test("the canary gets 10 % of traffic for ten minutes, and is rolled back on failures, slow responses or dead letters", () => {
  for (const production of productions()) {
    const { inputs } = one(production, "aws:codedeploy/deploymentGroup:DeploymentGroup", "ApiCanary");
    expect(inputs).toMatchObject({
      deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent10Minutes",
      deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
      autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
      alarmConfiguration: { enabled: true },
    });
    const alarms = ["ApiFailureRate", "ApiSlow", "DeliveriesDead"].map((name) => one(production, ALARM, name));
    expect(inputs["alarmConfiguration"]).toMatchObject({ alarms: alarms.map(({ outputs }) => outputs["name"]) });
    const [failures, slowness, deadLetters] = alarms.map((alarm) => JSON.stringify(alarm.inputs));
    expect(failures).toMatch(/Url5xxCount/);
    expect(slowness).toMatch(/"extendedStatistic":"p95"/);
    for (const text of [failures, slowness]) expect(text).toMatch(/"Resource":"[^"]*:live"/);
    expect(deadLetters).toMatch(/"reason":"dead"/);
  }
});

test("each alarm of the canary can fire within its ten minutes, with the delay of its metric, its window and its evaluation", () => {
  for (const production of productions()) {
    const { inputs } = one(production, "aws:codedeploy/deploymentGroup:DeploymentGroup", "ApiCanary");
    const minutes = Number(/Percent(\d+)Minutes$/.exec(String(inputs["deploymentConfigName"]))?.[1]);
    const { alarms } = v.parse(v.object({ alarms: v.array(v.string()) }), inputs["alarmConfiguration"]);
    expect(alarms).toHaveLength(3);
    for (const name of alarms) {
      const alarm = production.resources.find(({ type, outputs }) => type === ALARM && outputs["name"] === name);
      if (!alarm) throw new Error(`there is no alarm ${name}`);
      const { delay, window } = patience(alarm);
      expect(delay + window + 1, `${name}: ${delay} late, ${window} long`).toBeLessThanOrEqual(minutes);
    }
  }
});

test("a few cold starts do not roll back a release: the latency alarm ignores periods with too few requests", () => {
  for (const production of productions())
    expect(one(production, ALARM, "ApiSlow").inputs).toMatchObject({
      extendedStatistic: "p95",
      evaluateLowSampleCountPercentiles: "ignore",
    });
});

test("workers are not part of the canary: each trigger invokes its function directly, and no worker has an alias", () => {
  for (const production of productions()) {
    const triggers = production.resources.filter(({ type }) => type.endsWith(":EventSourceMapping"));
    expect(triggers.length).toBeGreaterThan(3);
    for (const { name, inputs } of triggers) {
      expect(String(inputs["functionName"]), name).not.toMatch(/:live$|:\d+$/);
      expect(String(inputs["functionName"]), name).not.toContain("api");
    }
    expect(
      production.resources.filter(({ type }) => type === "aws:lambda/alias:Alias").map(({ name }) => name),
    ).toEqual(["ApiLive"]);
  }
});

test("no stage except production has an alias or a CodeDeploy deployment group", () => {
  for (const { variant, resources } of all.filter((each) => each.variant.stage !== "production"))
    expect(
      resources.filter(({ type }) => /^aws:(codedeploy\/|lambda\/alias)/.test(type)),
      variant.id,
    ).toEqual([]);
});
