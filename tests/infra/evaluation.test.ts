import { existsSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { rolesOf } from "../../infra/evaluate/iam.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";
import { VARIANTS } from "../../infra/evaluate/variants.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

function stage(id: string): Evaluation {
  const found = all.find(({ variant }) => variant.id === id);
  if (!found) throw new Error(`there is no variant ${id}`);
  return found;
}
const of = (evaluation: Evaluation, ...types: string[]) =>
  evaluation.resources.filter(({ type }) => types.includes(type));
const named = (evaluation: Evaluation, name: string): Resource => {
  const found = evaluation.resources.find((resource) => resource.name === name && resource.type.startsWith("aws:"));
  if (!found) throw new Error(`there is no ${name}`);
  return found;
};

test("SST's own components evaluate every stage and every variant without an error", () => {
  for (const { variant, resources, milliseconds } of all)
    process.stdout.write(`${variant.id.padEnd(40)} ${resources.length} resources in ${milliseconds} ms\n`);
  const cpuSeconds = all.reduce((sum, { cpuMilliseconds }) => sum + cpuMilliseconds, 0) / 1000;
  process.stdout.write(
    `${all.length} variants took ${cpuSeconds.toFixed(1)} s of a processor, in two processes where there are two\n`,
  );
  expect(all.map(({ variant }) => variant.id)).toEqual(VARIANTS.map(({ id }) => id));
  expect(all.filter(({ resources }) => resources.length < 150)).toEqual([]);
});

/** Actions for which IAM does not support resources (Service Authorization Reference). */
const WITHOUT_RESOURCE =
  /^(xray:Put|ec2:Describe|logs:(Create|Get|Update|Delete|List)LogDelivery|logs:Describe|logs:PutResourcePolicy)/;

test("no function has all actions of a service, or all resources if IAM supports resource names for the action", () => {
  const found = all.flatMap((evaluation) =>
    rolesOf(evaluation).flatMap(({ name, statements, managed }) => [
      ...managed.map((arn) => `${evaluation.variant.id} ${name} has ${arn}`),
      ...statements
        .filter(({ Effect }) => Effect === "Allow")
        .flatMap(({ Action, Resource: resources }) => [
          ...Action.filter((action) => action.endsWith("*")).map(
            (action) => `${evaluation.variant.id} ${name} ${action}`,
          ),
          ...(resources.includes("*") ? Action.filter((action) => !WITHOUT_RESOURCE.test(action)) : []).map(
            (action) => `${evaluation.variant.id} ${name} ${action} on *`,
          ),
        ]),
    ]),
  );
  // Exceptions: the role of AWS Backup has permissions that AWS defines; functions under `sst dev` need the channels of
  // SST's bridge; hosts of the VPC and nodes of Auto Mode have AWS managed policies; and SST's function that signs
  // requests at the edge has AWS's managed policy for logs, since it logs in every region.
  const excepted =
    /^wulan under sst dev|(Nat|Bastion|Cluster)\w* has arn:aws:iam::aws:policy|BackupRole has \S+AWSBackupServiceRolePolicyForBackup|RouterEdgeFunctionRole has \S+AWSLambdaBasicExecutionRole$/;
  expect(found.filter((line) => !excepted.test(line))).toEqual([]);
});

test("the role of each function can be assumed only by Lambda, or by Lambda and Lambda@Edge", () => {
  const allowed = [["lambda.amazonaws.com"], ["edgelambda.amazonaws.com", "lambda.amazonaws.com"]];
  const names = new Set<string>();
  for (const evaluation of all.filter(({ variant }) => !variant.isDev)) {
    const functions = of(evaluation, "aws:lambda/function:Function").map(({ inputs }) => String(inputs["role"]));
    for (const { name, trusts } of rolesOf(evaluation)) {
      const isOfFunction = functions.some((arn) => arn.endsWith(`-${name}`) || arn.endsWith(name));
      if (!isOfFunction) continue;
      names.add(name);
      const services = trusts.flatMap((principal) => Object.values(principal ?? {}).flat()).map(String);
      expect(allowed, `${evaluation.variant.id} ${name}`).toContainEqual([...new Set(services)].toSorted());
    }
  }
  expect(names.size).toBeGreaterThan(6);
});

test("an idle tenant pays only for storage: nothing is billed by the hour, and no schedule resumes its database", () => {
  const tenant = stage("tenant-bandung");
  const costly = [
    "aws:ec2/natGateway:NatGateway",
    "aws:ec2/instance:Instance",
    "aws:ec2/eip:Eip",
    "aws:autoscaling/group:Group",
    "aws:wafv2/webAcl:WebAcl",
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
    "aws:scheduler/schedule:Schedule",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:rds/proxy:Proxy",
    "aws:elasticache/replicationGroup:ReplicationGroup",
    "aws:eks/cluster:Cluster",
  ];
  expect(of(tenant, ...costly).map(({ type }) => type)).toEqual([]);
  expect(
    of(tenant, "aws:ec2/vpcEndpoint:VpcEndpoint").map(({ inputs }) => inputs["vpcEndpointType"] ?? "Gateway"),
  ).toEqual(["Gateway"]);
  expect(named(tenant, "DatabaseCluster").inputs["serverlessv2ScalingConfiguration"]).toMatchObject({ minCapacity: 0 });
  // Proves that the search finds such resources on a stage that has them.
  expect(of(stage("production"), ...costly).length).toBeGreaterThan(6);
});

test("the gateway endpoint of S3 allows every action on evidence that functions and pods are granted", () => {
  for (const evaluation of all) {
    const gateways = of(evaluation, "aws:ec2/vpcEndpoint:VpcEndpoint").filter(({ name }) => name === "S3Endpoint");
    const allowed = gateways.flatMap(({ inputs }) => [...JSON.stringify(inputs["policy"]).matchAll(/s3:[A-Za-z*]+/g)]);
    const isAllowed = (action: string) =>
      allowed.some(([rule]) => (rule.endsWith("*") ? action.startsWith(rule.slice(0, -1)) : action === rule));
    const needed = rolesOf(evaluation)
      .filter(({ trusts }) => /lambda\.amazonaws|pods\.eks/.test(JSON.stringify(trusts)))
      .flatMap(({ statements }) => statements)
      .filter(({ Resource }) => Resource.some((arn) => /-evidence-|evidencebucket/i.test(arn)))
      .flatMap(({ Action }) => Action.filter((action) => action.startsWith("s3:")));
    if (gateways.length === 0) continue;
    expect(needed.length, evaluation.variant.id).toBeGreaterThan(5);
    expect(
      needed.filter((action) => !isAllowed(action)),
      evaluation.variant.id,
    ).toEqual([]);
  }
});

test("an idle tenant's API reaches S3 through its gateway endpoint, and SQS and Markov over IPv6", () => {
  const tenant = stage("tenant-bandung");
  const config = JSON.stringify(named(tenant, "ApiFunction").inputs["vpcConfig"]);
  expect(config).toMatch(/private-subnet1.*private-subnet2/);
  expect(config).toContain('"ipv6AllowedForDualStack":true');
  const tables = of(tenant, "aws:ec2/routeTable:RouteTable").filter(({ name }) => name.includes("Private"));
  const gateway = JSON.stringify(named(tenant, "S3Endpoint").inputs["routeTableIds"]);
  expect(tables.length).toBeGreaterThan(1);
  for (const { name, inputs } of tables) {
    expect(JSON.stringify(inputs["routes"]), name).toMatch(/"::\/0".*egress|egress.*"::\/0"/i);
    expect(gateway).toContain(name.replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase());
  }
  expect(named(tenant, "ApiFunction").inputs["environment"]).toMatchObject({
    variables: { AWS_USE_DUALSTACK_ENDPOINT: "true" },
  });
  // The senders run outside of the VPC.
  for (const name of ["DeliveriesWorkerFunction", "BreakerWorkerFunction", "MailWorkerFunction"])
    expect(named(tenant, name).inputs["vpcConfig"]).toBeUndefined();
});

test("on a stage whose egress is IPv6 the mail worker is outside of the VPC and has only the keys of mail and pushes", () => {
  const [idle, sending] = [stage("tenant-bandung"), stage("tenant-bandung with mail")];
  expect(named(idle, "MailTrigger").inputs["enabled"]).toBe(false);
  expect(named(sending, "MailTrigger").inputs["enabled"]).toBe(true);
  expect(named(sending, "MailWorkerFunction").inputs["vpcConfig"]).toBeUndefined();
  expect(named(sending, "MailWorkerFunction").inputs["environment"]).toMatchObject({
    variables: { MAIL_FROM: "hello@example.org" },
  });
  const isProofAsked = (evaluation: Evaluation) =>
    !JSON.stringify(named(evaluation, "ApiFunction").inputs["environment"]).includes('"EMAIL_PROOF_REQUIRED":"false"');
  expect([isProofAsked(idle), isProofAsked(sending)]).toEqual([false, true]);
  const links = sending.links["MailWorker"] ?? {};
  expect(Object.keys(links).toSorted()).toEqual([
    "DeadQueue",
    "MailKey",
    "MailKeyPrevious",
    "MailQueue",
    "PushKey",
    "SweepQueue",
  ]);
  const key = (holder: string, link: string) => Object(sending.links[holder]?.[link])["value"];
  expect(key("MailWorker", "MailKey")).toMatch(/^[0-9a-f]{64}$/);
  expect(key("MailWorker", "MailKey")).toBe(key("Api", "MailKey"));
  expect(key("MailWorker", "MailKey")).not.toBe(key("Api", "JwtKey"));
  const senders = rolesOf(sending).filter(({ statements }) =>
    statements.some(({ Action }) => Action.includes("ses:SendEmail")),
  );
  expect(senders.map(({ name }) => name)).toEqual(["MailWorkerRole"]);
});

test("every queue keeps messages for longer than an outage and a long weekend, dead-letter queues included", () => {
  for (const evaluation of all) {
    const queues = of(evaluation, "aws:sqs/queue:Queue");
    expect(queues.map(({ name }) => name).toSorted()).toEqual(
      ["Attempts", "Breaker", "DeadDeliveries", "Dead", "Deliveries", "Evidence", "Mail", "Outcomes", "Sweep"]
        .map((name) => `${name}QueueQueue`)
        .toSorted(),
    );
    for (const { name, inputs } of queues) {
      expect(inputs, name).toMatchObject({ messageRetentionSeconds: 14 * 86_400, sqsManagedSseEnabled: true });
      if (!name.startsWith("Dead")) expect(String(inputs["redrivePolicy"]), name).toContain("deadLetterTargetArn");
    }
  }
});

test("only the worker of `breaker` may switch a trigger, and only the trigger of `deliveries`", () => {
  for (const evaluation of all.filter(({ variant }) => !variant.isDev)) {
    const holders = rolesOf(evaluation).flatMap(({ name, statements }) =>
      statements
        .filter(({ Action }) => Action.includes("lambda:UpdateEventSourceMapping"))
        .map(({ Resource: on }) => [name, on]),
    );
    expect(holders).toEqual([["BreakerWorkerRole", [expect.stringContaining("deliveries-trigger")]]]);
  }
});

test("only the processes that sign deliveries get the secrets of a rotation and its activation time", () => {
  const withMoment = all.filter(({ variant }) => "GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM" in variant.variables);
  expect(withMoment.length).toBeGreaterThan(1);
  for (const evaluation of all.filter(({ variant }) => !variant.isDev)) {
    const has = (link: string) =>
      Object.entries(evaluation.links)
        .flatMap(([name, links]) => (link in links ? [name] : []))
        .toSorted();
    const senders = ["BreakerWorker", "DeliveriesWorker"];
    for (const secret of ["WebhookSecret", "WebhookSecretPrevious"]) expect(has(secret)).toEqual(senders);
    expect(has("WebhookSecretActiveFrom"), evaluation.variant.id).toEqual(
      withMoment.includes(evaluation) ? senders : [],
    );
    for (const sender of withMoment.includes(evaluation) ? senders : [])
      expect(evaluation.links[sender]?.["WebhookSecretActiveFrom"]).toMatchObject({ value: "2027-01-31T12:00:00Z" });
  }
});

test("each alarm has a meaning and an existing runbook; a tenant has four alarms, and one for its NAT instance", () => {
  for (const evaluation of all) {
    const alarms = of(evaluation, "aws:cloudwatch/metricAlarm:MetricAlarm");
    for (const { name, inputs } of alarms) {
      const runbook = /Runbook: \S*(docs\/runbooks\/[a-z-]+\.md)$/.exec(String(inputs["alarmDescription"]))?.[1] ?? "";
      expect(existsSync(runbook), `${evaluation.variant.id} ${name} ${String(inputs["alarmDescription"])}`).toBe(true);
    }
    const machines = of(evaluation, "aws:ec2/instance:Instance").length;
    if (evaluation.variant.stage.startsWith("tenant-")) expect(alarms.length - machines).toBe(4);
  }
  expect(of(stage("production"), "aws:cloudwatch/metricAlarm:MetricAlarm").length).toBeGreaterThan(10);
});
