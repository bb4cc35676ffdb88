import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { callsOf } from "../../infra/apply/translate.ts";
import { type DeployerScope, boundaryStatements, deployerPolicies } from "../../infra/deployer/index.ts";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";
import { readDeployment } from "../../infra/deployment.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const scope = (stage: string, hasNetwork: boolean): DeployerScope => ({
  app: "gotong-royong",
  stage,
  accountId: "123456789012",
  region: "us-east-1",
  boundaryArn: `arn:aws:iam::123456789012:policy/gotong-royong-${stage}-boundary`,
  deployerArn: `arn:aws:iam::123456789012:role/gotong-royong-${stage}-deployer`,
  hasNetwork,
});
const allowedTo = (stage: string, hasNetwork = true) =>
  new Set(
    Object.values(deployerPolicies(scope(stage, hasNetwork)))
      .flat()
      .filter(({ Effect }) => Effect === "Allow")
      .flatMap(({ Action }) => Action),
  );

/** IAM actions whose name differs from the API operation (Service Authorization Reference). */
const IAM_NAMES: Readonly<Record<string, readonly string[]>> = {
  "budgets:CreateBudget": ["budgets:ModifyBudget"],
  "cloudfront:CreateDistributionWithTags": ["cloudfront:CreateDistribution", "cloudfront:TagResource"],
  "lambda:Invoke": ["lambda:InvokeFunction"],
  "s3:PutBucketCors": ["s3:PutBucketCORS"],
  "s3:PutBucketEncryption": ["s3:PutEncryptionConfiguration"],
  "s3:PutBucketLifecycleConfiguration": ["s3:PutLifecycleConfiguration"],
  "s3:PutPublicAccessBlock": ["s3:PutBucketPublicAccessBlock"],
};
const matches = (pattern: string, action: string) =>
  pattern === action || (pattern.endsWith("*") && action.startsWith(pattern.slice(0, -1)));

test.each([
  ["production with a domain, warm", "production", true],
  ["production, small", "production", true],
  ["staging", "staging", true],
  ["pr-1", "pr-*", false],
] as const)(
  "the deployer of %s has the permissions for every API call that its resources need",
  (id, stage, hasNetwork) => {
    const evaluation = all.find(({ variant }) => variant.id === id);
    if (!evaluation) throw new Error(`there is no variant ${id}`);
    const allowed = [...allowedTo(stage, hasNetwork)];
    // Leaves out the calls that create the role itself, which a person deploys.
    const calls = callsOf(evaluation).filter(
      (call) => !/ Deployer\w* /.test(call.id) && !call.id.includes("DeployerBoundary"),
    );
    const needed = new Set(
      calls.flatMap(({ service, operation }) => IAM_NAMES[`${service}:${operation}`] ?? [`${service}:${operation}`]),
    );
    expect(needed.size).toBeGreaterThan(20);
    expect([...needed].filter((action) => !allowed.some((pattern) => matches(pattern, action)))).toEqual([]);
  },
);

test("every role of a stage with a deployer has the stage's name as a prefix, which the deployer's permissions require", () => {
  for (const { variant, resources } of all) {
    if (!/^(production|staging|dev|pr-\d+)$/.test(variant.stage) || variant.id.includes("EKS")) continue;
    const names = resources
      .filter(({ type }) => type === "aws:iam/role:Role")
      .map(({ outputs }) => String(outputs["name"]));
    expect(
      names.filter((name) => !name.startsWith(`gotong-royong-${variant.stage}-`)),
      variant.id,
    ).toEqual([]);
  }
});

test("every policy of the deployer is within IAM's limits: 6,144 characters, ten policies for a role", () => {
  for (const stage of ["production", "staging", "pr-*"]) {
    const groups = Object.values(deployerPolicies(scope(stage, true)));
    expect(groups.length).toBeLessThanOrEqual(10);
    for (const statements of [...groups, boundaryStatements(scope(stage, true))])
      expect(JSON.stringify({ Version: "2012-10-17", Statement: statements }).length).toBeLessThanOrEqual(6144);
  }
});

test("the deployer may not read evidence or decrypt data, and may invoke only functions of its stage", () => {
  const statements = Object.values(deployerPolicies(scope("production", true))).flat();
  const on = (action: string) =>
    statements
      .filter(({ Effect, Action }) => Effect === "Allow" && Action.includes(action))
      .flatMap((one) => one.Resource);
  expect(on("s3:GetObject").filter((arn) => /evidence|gotong-royong-production-\*/.test(arn))).toEqual([]);
  expect(
    [...allowedTo("production")].filter((action) =>
      /^(kms:(Decrypt|Encrypt|GenerateDataKey)|sts:|organizations:)/.test(action),
    ),
  ).toEqual([]);
  expect(on("lambda:InvokeFunction").every((arn) => arn.endsWith(":function:gotong-royong-production-*"))).toBe(true);
});

test("workflows pass their repository to the deployment, so that it does not remove its own role", () => {
  for (const name of ["production", "staging", "preview"]) {
    const text = readFileSync(join(ROOT, ".github", "workflows", `${name}.yml`), "utf8");
    const jobs = text.split("role-to-assume: ${{ vars.AWS_DEPLOYER_ROLE }}").length - 1;
    expect(jobs).toBeGreaterThan(0);
    expect(text.split("GOTONG_DEPLOYER: ${{ github.repository }}").length - 1, name).toBe(jobs);
  }
});

test.each(["gotong-royong", "https://github.com/a/b", "a/b/c", "a/*"])("GOTONG_DEPLOYER %s is rejected", (value) => {
  expect(() => readDeployment({ MARKOV_API_URL: "https://markov.example.org", GOTONG_DEPLOYER: value })).toThrow(
    "GOTONG_DEPLOYER must be a repository on GitHub",
  );
});
