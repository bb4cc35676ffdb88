import { beforeAll, expect, test } from "vitest";
import { applyCalls } from "../../infra/apply/apply.ts";
import { ensureMoto, startMoto } from "../../infra/apply/moto.ts";
import { callsOf } from "../../infra/apply/translate.ts";
import { evaluateEach } from "../../infra/evaluate/each.ts";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { ensurePlatform } from "../../infra/evaluate/platform.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";
import { type AccountSource, awsAccount, problemsOfRecipients, readAccount } from "../../infra/quotas/account.ts";
import { type Account, needsOf, problemsOfQuotas } from "../../infra/quotas/needs.ts";
import { describeStage } from "../../infra/stages.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  await ensurePlatform(ROOT);
  all = await evaluateAll();
}, 600_000);

/** A new AWS account. */
const NEW: Account = {
  limits: { concurrency: 10, elasticIps: 5, vpcs: 5 },
  used: { concurrency: 0, elasticIps: 0, vpcs: 1 }, // the default VPC of the account
  hasDistributions: false,
};
const ORDINARY: Account = { ...NEW, limits: { ...NEW.limits, concurrency: 1000 }, hasDistributions: true };

test.each(["production", "staging", "dev", "wulan", "pr-1", "tenant-bandung"])(
  "the computed quota needs of %s equal those of its evaluated resources",
  (id) => {
    const resources = all.find(({ variant }) => variant.id === id)?.resources ?? [];
    const count = (type: RegExp) => resources.filter((resource) => type.test(resource.type)).length;
    const triggers = resources
      .filter(({ type }) => type.endsWith(":EventSourceMapping"))
      .map(({ inputs }) => Number(Reflect.get(Object(inputs["scalingConfig"]), "maximumConcurrency")));
    const needs = needsOf(describeStage(id));
    expect(needs.vpcs).toBe(count(/ec2\/vpc:Vpc$/));
    expect(needs.elasticIps).toBe(count(/ec2\/eip:Eip$/));
    // A stage needs the concurrency of all its triggers, and 10 for the API.
    expect(needs.concurrency).toBeGreaterThanOrEqual(triggers.reduce((sum, each) => sum + each, 0) + 10);
  },
);

test("for a new account the quotas to request are listed, with the command that requests them", () => {
  const problems = problemsOfQuotas(describeStage("tenant-bandung"), NEW);
  expect(problems).toHaveLength(2);
  expect(problems[0]).toContain('"Concurrent executions" is 10; the stage needs');
  expect(problems[0]).toContain("--service-code lambda --quota-code L-B99A9384 --desired-value 1000");
  expect(problems[1]).toContain("CloudFront");
});

test("the default AWS quotas suffice for a tenant and production, but not for four stages with networks", () => {
  expect(problemsOfQuotas(describeStage("tenant-bandung"), ORDINARY)).toEqual([]);
  expect(problemsOfQuotas(describeStage("production"), ORDINARY)).toEqual([]);
  const full = { ...ORDINARY, used: { concurrency: 0, elasticIps: 3, vpcs: 5 } };
  const problems = problemsOfQuotas(describeStage("production"), full).join("\n");
  expect(problems).toContain('"EC2-VPC Elastic IPs" is 5, of which 3 are taken; the stage needs 3. Ask for 10');
  expect(problems).toContain('"VPCs per Region" is 5, of which 5 are taken; the stage needs 1. Ask for 10');
});

test("the quota check of a stage does not count the resources that the stage already has", async () => {
  const tags = (stage: string) => ({
    Tags: [
      { Key: "sst:app", Value: "gotong-royong" },
      { Key: "sst:stage", Value: stage },
    ],
  });
  const source: AccountSource = {
    limitOf: async () => 5,
    vpcs: async () => [{}, tags("tenant-bandung"), tags("tenant-solo")],
    addresses: async () => [tags("tenant-bandung")],
    hasDistributions: async () => true,
    recipientsOf: async () => undefined,
  };
  const { used } = await readAccount(source, "gotong-royong", "tenant-bandung");
  expect(used).toEqual({ concurrency: 0, elasticIps: 0, vpcs: 2 });
});

test("gotong doctor reports an alarm recipient whose mail address is not confirmed", async () => {
  const withRecipients = (recipients: Awaited<ReturnType<AccountSource["recipientsOf"]>>) => ({
    limitOf: async () => 5,
    vpcs: async () => [],
    addresses: async () => [],
    hasDistributions: async () => true,
    recipientsOf: async () => recipients,
  });
  const problems = async (recipients: Awaited<ReturnType<AccountSource["recipientsOf"]>>) =>
    problemsOfRecipients(withRecipients(recipients), "gotong-royong-tenant-bandung-alarms");
  expect(await problems(undefined)).toEqual([]);
  expect(await problems([{ address: "sari@example.org", isConfirmed: true }])).toEqual([]);
  expect(await problems([])).toEqual([expect.stringContaining("set GOTONG_ALARM_EMAIL")]);
  expect(await problems([{ address: "sari@example.org", isConfirmed: false }])).toEqual([
    expect.stringMatching(/^sari@example\.org gets no alarms yet: open the link/),
  ]);
});

test("a deployment into an account with too small quotas is rejected before its first resource", () => {
  const small = { "MOCK_QUOTA_L-B99A9384": "10" };
  const [refused, unchecked] = evaluateEach(
    [small, { ...small, GOTONG_QUOTA_CHECK: "off" }].map((variables) => ({
      stage: "tenant-bandung",
      variables,
      isDev: false,
    })),
  );
  expect(refused).toEqual({
    refusal: expect.stringMatching(
      /The stage "tenant-bandung" does not fit into this account[\s\S]*--desired-value 1000/,
    ),
  });
  expect(unchecked).toHaveProperty("evaluation");
});

test("gotong doctor --aws reads an emulated account: networks and addresses of other stages, and distributions", async (context) => {
  const missing = await ensureMoto();
  if (missing !== undefined) context.skip(missing);
  const staging = all.find(({ variant }) => variant.id === "staging");
  if (!staging) throw new Error("staging was not evaluated");
  const moto = await startMoto();
  try {
    await applyCalls(
      [callsOf(staging).filter(({ resource }) => /:(Vpc|Eip|Topic|TopicSubscription) /.test(resource))],
      moto.endpoint,
    );
    // moto supports only EC2's quotas for networks: the other quotas come from a fake.
    const environment = {
      AWS_ENDPOINT_URL: moto.endpoint,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local-emulator",
    };
    const account = await awsAccountIn(environment, (source) =>
      readAccount({ ...source, limitOf: async () => 5 }, "gotong-royong", "tenant-bandung"),
    );
    expect(account.used).toEqual({ concurrency: 0, elasticIps: 1, vpcs: 2 });
    expect(account.hasDistributions).toBe(false);
    const recipients = await awsAccountIn(environment, (source) => source.recipientsOf("gotong-royong-staging-alarms"));
    expect(recipients).toEqual([{ address: "operator@example.org", isConfirmed: true }]);
    expect(await awsAccountIn(environment, (source) => source.recipientsOf("gotong-royong-other-alarms"))).toBe(
      undefined,
    );
  } finally {
    await moto.stop();
  }
});

/** Reads an account with AWS's clients at another endpoint. */
async function awsAccountIn<T>(environment: Record<string, string>, read: (source: AccountSource) => Promise<T>) {
  Object.assign(process.env, environment);
  try {
    return await read(awsAccount());
  } finally {
    for (const name of Object.keys(environment)) Reflect.deleteProperty(process.env, name);
  }
}
