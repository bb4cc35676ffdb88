import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { billOf } from "@gotong/ops/cost/bill.ts";
import { profileOf } from "@gotong/ops/cost/profile.ts";
import { STEPS } from "@gotong/ops/release/state.ts";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { rolesOf } from "../../infra/evaluate/iam.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";

// One test for each row of the first description of the platform, the "seed" (docs/spec/infrastructure.md), which used
// Docker Compose, Kubernetes and Terraform. A title quotes its row. Where another test covers a row in depth, the test
// here only checks examples.

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const WITH_KEDA = "production with EKS, API pods and KEDA";
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
function stage(id: string): Evaluation {
  const found = all.find(({ variant }) => variant.id === id);
  if (!found) throw new Error(`there is no variant ${id}`);
  return found;
}
function one(id: string, name: string): Resource {
  const found = stage(id).resources.find((each) => each.name === name && each.type.startsWith("aws:"));
  if (!found) throw new Error(`${id} has no ${name}`);
  return found;
}
const has = (id: string, type: string) => stage(id).resources.filter((each) => each.type.startsWith(type)).length;

test('first specification, "Docker Compose": compose.yaml runs the API, PostgreSQL, Redis and S3, and `sst dev` creates no database and no cache on AWS', () => {
  // tests/system/e2e/dev.test.ts runs `npm run dev`, and tests/system/images runs the images of compose.yaml.
  const compose = read("compose.yaml");
  for (const image of ["postgres:17", "valkey/valkey:8", "versity/versitygw:", "softwaremill/elasticmq-native:"])
    expect(compose).toContain(`image: ${image}`);
  for (const target of ["api", "worker", "markov-double"]) expect(compose).toContain(`target: ${target} }`);
  // Under `sst dev` a personal stage uses the database and the Valkey of compose.yaml or `npm run dev`; neither is
  // created on AWS.
  const dev = stage("wulan under sst dev");
  expect(has("wulan under sst dev", "aws:rds/")).toBe(0);
  expect(has("wulan under sst dev", "aws:elasticache/")).toBe(0);
  expect(has("wulan", "aws:rds/cluster:")).toBe(1);
  expect(has("wulan under sst dev", "aws:scheduler/")).toBe(0);
  expect(read("compose.yaml")).toMatch(/127\.0\.0\.1:3003:5432[^]*127\.0\.0\.1:6379:6379/);
  expect(read("infra/database.ts")).toContain('host: "localhost", port: 3003');
  // The functions exist, and their code is SST's bridge to the developer's host.
  for (const worker of ["Deliveries", "Breaker", "Outcomes", "Evidence", "Sweep"])
    expect(dev.resources.some(({ name }) => name === `${worker}WorkerFunction`)).toBe(true);
});

test('first specification, "Staging: Kubernetes, 2 replicas, probes": staging has its functions, with 512 MB for the API', () => {
  expect(has("staging", "aws:lambda/function:")).toBeGreaterThan(6);
  expect(one("staging", "ApiFunction").inputs["memorySize"]).toBe(512);
});

test('first specification, "Production: 3 API pods, 2 worker pods, load balancer, CDN/DDoS": production has CloudFront, a firewall, versions and six triggers', () => {
  expect(has("production", "aws:cloudfront/distribution:")).toBe(1);
  expect(has("production", "aws:wafv2/webAcl:")).toBe(1);
  expect(one("production", "ApiFunction").inputs).toMatchObject({ publish: true, memorySize: 1024 });
  expect(has("production", "aws:lambda/eventSourceMapping:")).toBe(6);
});

test('first specification, "Redis cluster, 3 nodes, automatic failover": production has three Valkey nodes with failover', () => {
  expect(one("production", "CacheCluster").inputs).toMatchObject({
    engine: "valkey",
    numCacheClusters: 3,
    automaticFailoverEnabled: true,
    multiAzEnabled: true,
    transitEncryptionEnabled: true,
    authTokenUpdateStrategy: "ROTATE",
  });
});

test('first specification, "RDS: encrypted, 7-day backups, Multi-AZ, read replica, vertical ladder": production\'s Aurora cluster has all of these', () => {
  const database = (id: string) => one(id, "DatabaseCluster").inputs;
  expect(database("production")).toMatchObject({
    storageEncrypted: true,
    backupRetentionPeriod: 35,
    engineVersion: "17",
  });
  expect(has("production", "aws:rds/clusterInstance:")).toBe(2);
  const ladder = ["wulan", "staging", "production"].map((id) => database(id)["serverlessv2ScalingConfiguration"]);
  expect(ladder).toMatchObject([
    { minCapacity: 0, maxCapacity: 2 },
    { minCapacity: 0, maxCapacity: 4 },
    { minCapacity: 0.5, maxCapacity: 16 },
  ]);
  expect(database("staging")["backupRetentionPeriod"]).toBe(7);
});

test('first specification, "RDS: read replica": production\'s read-only queries go to the reader', () => {
  // tests/integration/database/reader.test.ts reads from a streaming replica.
  const readerOf = (id: string) => JSON.stringify(stage(id).links["Api"]?.["Database"]);
  expect(readerOf("production")).toContain('"reader":"instance.database.mock"');
  expect(readerOf("production, small")).toContain('"reader":""');
});

test('first specification, "S3: versioned, AES-256": the evidence bucket has versions, encryption, object lock and no public access', () => {
  const rules = JSON.stringify(one("production", "EvidenceEncryption").inputs);
  expect(rules).toContain('"sseAlgorithm":"AES256"');
  expect(JSON.stringify(one("production", "EvidenceBucketVersioning").inputs)).toContain('"status":"Enabled"');
  expect(one("production", "EvidenceBucketBucket").inputs["objectLockEnabled"]).toBe(true);
  expect(one("production", "EvidenceBucketPublicAccessBlock").inputs).toMatchObject({ blockPublicAcls: true });
  expect(has("production", "aws:s3/bucketLogging:")).toBe(2); // the evidence bucket and the app's bucket have access logs
});

test('first specification, "ConfigMap / Secrets": the stage declares its secrets, and no role has every action on S3 or SQS', () => {
  const statements = rolesOf(stage("production")).flatMap((role) => role.statements);
  expect(statements.flatMap(({ Action }) => Action).filter((action) => /^(s3|sqs):\*$/.test(action))).toEqual([]);
  const source = read("infra/secrets.ts");
  for (const secret of ["JwtKey", "WebhookSecret", "MarkovToken"]) expect(source).toContain(`"${secret}"`);
});

test('first specification, "ConfigMap / Secrets": only the mail worker may send mail, as the one configured sender, if there is one', () => {
  const sends = (id: string) =>
    rolesOf(stage(id)).flatMap(({ name, statements }) =>
      statements
        .filter(({ Action }) => Action.some((action) => action.startsWith("ses:")))
        .map(({ Action, Resource: on, Condition }) => ({ name, Action, on, Condition })),
    );
  expect(sends("production")).toEqual([]);
  expect(sends("production with a domain, warm")).toEqual([
    {
      name: "MailWorkerRole",
      Action: ["ses:SendEmail"],
      on: ["hello@example.org", "example.org"].map((identity) =>
        expect.stringMatching(new RegExp(`^arn:aws:ses:us-east-1:\\d{12}:identity/${identity}$`)),
      ),
      Condition: { StringEquals: { "ses:FromAddress": expect.anything() } },
    },
  ]);
  expect(one("production with a domain, warm", "ApiFunction").inputs["environment"]).toMatchObject({
    variables: { MAIL_FROM: "hello@example.org", CORS_ORIGINS: "https://app.example.org" },
  });
  expect(one("production with a domain, warm", "MailWorkerFunction").inputs["environment"]).toMatchObject({
    variables: { MAIL_FROM: "hello@example.org" },
  });
});

test('first specification, "Ingress: TLS, ssl-redirect, rate limit 100": CloudFront redirects to TLS, and firewall and API limit requests', () => {
  const cdn = JSON.stringify(
    stage("production with a domain, warm").resources.filter(({ type }) =>
      type.startsWith("aws:cloudfront/distribution:"),
    ),
  );
  for (const part of [
    '"viewerProtocolPolicy":"redirect-to-https"',
    '"httpVersion":"http2and3"',
    '"isIpv6Enabled":true',
    "TLSv1.2_2021",
  ])
    expect(cdn).toContain(part);
  const firewall = JSON.stringify(
    stage("production").resources.filter(({ type }) => type.startsWith("aws:wafv2/webAcl:")),
  );
  expect(firewall).toMatch(/"rateBasedStatement":\{[^}]*"limit":20000/);
  expect(read(".env.example")).toMatch(/^# RATE_LIMIT_PER_MINUTE=100 /m);
});

test('first specification, "HPA: 3–10, CPU 70 %, memory 80 %, queue depth > 100": each trigger has a maximum concurrency', () => {
  const triggers = stage("production").resources.filter(({ type }) =>
    type.startsWith("aws:lambda/eventSourceMapping:"),
  );
  const atOnce = triggers.map(({ name, inputs }) => [name, JSON.stringify(inputs["scalingConfig"])]);
  expect(Object.fromEntries(atOnce)).toMatchObject({ EvidenceTrigger: '{"maximumConcurrency":20}' });
  expect(atOnce.filter(([, config]) => !config?.includes("maximumConcurrency"))).toEqual([]);
});

test('first specification, "HPA: 3–10, CPU 70 %, memory 80 %, queue depth > 100": on EKS the HPA and KEDA scale the pods at these values', () => {
  const scaler = stage("production with EKS").resources.find(({ type }) => type.endsWith(":HorizontalPodAutoscaler"));
  const spec = JSON.stringify(scaler?.inputs["spec"]);
  expect(spec).toContain('"minReplicas":3');
  expect(spec).toContain('"maxReplicas":10');
  for (const used of ["70", "80"]) expect(spec).toContain(`"averageUtilization":${used}`);
  const keda = stage(WITH_KEDA).resources.find(({ inputs }) => inputs["kind"] === "ScaledObject");
  expect(JSON.stringify(keda?.inputs["spec"])).toMatch(/"minReplicaCount":3.*"queueLength":"100"/);
});

test('first specification, "liveness and readiness probes; /health": the API has all three routes, and the images use /live', () => {
  const routes = read("packages/api/src/routes/operations.ts");
  for (const path of ["/live", "/ready", "/health"]) expect(routes).toContain(`.get("${path}"`);
  expect(read("Dockerfile")).toMatch(/127\.0\.0\.1:3000\/live[^]*127\.0\.0\.1:9464\/live/);
});

test('first specification, "Prometheus + Grafana": their rules and dashboard exist, and CloudWatch has a dashboard and alarms', () => {
  // tests/infra/monitoring fires each alert; this test only checks that rules and dashboards exist.
  expect(has("production", "aws:cloudwatch/dashboard:")).toBe(1);
  expect(has("production", "aws:cloudwatch/metricAlarm:")).toBeGreaterThan(10);
  for (const path of ["infra/prometheus/rules.yaml", "infra/grafana/overview.json"])
    expect(existsSync(join(ROOT, path))).toBe(true);
});

test('first specification, "GitHub Actions: test → build → deploy": a workflow runs each of these steps', () => {
  // tests/unit/workflows runs each script of the workflows.
  expect(read(".github/workflows/test.yml")).toContain("npm test");
  expect(read(".github/workflows/image.yml")).toContain("push:");
  expect(read(".github/workflows/staging.yml")).toContain("gotong -- release --stage staging");
  expect(read(".github/workflows/production.yml")).toContain("gotong -- release --stage production");
});

describe("checklist: migrations, env, build, staging, smoke, canary, watch errors, finish or roll back", () => {
  test("production has the AWS resources of a release: migrate function, alias, canary, alarms that roll back", () => {
    expect(one("production", "MigrateFunction").inputs["timeout"]).toBe(900);
    expect(one("production", "ApiCanary").inputs).toMatchObject({
      deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent10Minutes",
      alarmConfiguration: { enabled: true },
    });
  });
  test("`gotong release` takes the steps of the release checklist, in their order", () => {
    // tests/unit/operator/release tests each step with failures, hangs, throttling and a process that exits.
    expect(STEPS.slice(0, 6)).toEqual(["check", "migrate", "deploy", "smoke", "canary", "settle"]);
  });
});

test('first specification, "cost tables": a monthly bill is computed for each scale from the declared resources', () => {
  // tests/infra/bill.test.ts checks the bills; this test only checks that bills exist for the scales of the first
  // description.
  expect(billOf(stage("production").resources, profileOf(10_000)).usd).toBeGreaterThan(0);
  expect(billOf(stage("production").resources, profileOf(100_000)).usd).toBeGreaterThan(0);
});

test('first specification, "Terraform `variables`": infra/stages.ts exports the table of stages', () => {
  // tests/infra/stages.test.ts checks the table itself.
  expect(read("infra/stages.ts")).toContain("export const STAGES");
});

test('first specification, "EKS: optional and linked": only a stage that requests EKS has a cluster, and the triggers of its functions are disabled', () => {
  // tests/infra/eks.test.ts and kubernetes*.test.ts check EKS in depth.
  expect(has("production", "aws:eks/")).toBe(0);
  expect(has("production with EKS", "aws:eks/cluster:")).toBe(1);
  const triggers = stage("production with EKS").resources.filter(({ type }) => type.includes("eventSourceMapping"));
  expect(triggers.length).toBeGreaterThan(3);
  for (const { name, inputs } of triggers) expect(inputs["enabled"], name).toBe(false);
});
