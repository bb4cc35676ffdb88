import { spawnSync } from "node:child_process";
import { join } from "node:path";
import * as v from "valibot";
import { beforeAll, describe, expect, test } from "vitest";
import { SECTIONS } from "@gotong/workers/sections.ts";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import { rolesOf } from "../../infra/evaluate/iam.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";
import { type Manifest, manifestsOf } from "../../infra/kubernetes/generate.ts";
import { written } from "./kubernetes/manifest.ts";

let all: readonly Evaluation[];
let onEks: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
  onEks = all.filter(({ variant }) => variant.variables["GOTONG_EKS"] === "true");
}, 600_000);

const of = (evaluation: Evaluation, type: string) => evaluation.resources.filter((resource) => resource.type === type);
function only(evaluation: Evaluation, type: string, name?: string): Resource {
  const [found, ...more] = of(evaluation, type).filter((resource) => name === undefined || resource.name === name);
  if (!found || more.length > 0) throw new Error(`${evaluation.variant.id} has not one ${type} ${name ?? ""}`);
  return found;
}
const withApi = (evaluation: Evaluation) => evaluation.variant.id.includes("API pods");

test("an EKS cluster exists exactly on the stages whose settings request it", () => {
  expect(onEks.map(({ variant }) => variant.id)).toHaveLength(5);
  for (const evaluation of all)
    expect(of(evaluation, "aws:eks/cluster:Cluster"), evaluation.variant.id).toHaveLength(
      onEks.includes(evaluation) ? 1 : 0,
    );
  const kinds = all.filter((evaluation) => !onEks.includes(evaluation)).flatMap(manifestsOf);
  expect(kinds).toEqual([]);
});

describe("the EKS cluster", () => {
  test("the EKS cluster has no public endpoint; only the configured CIDR blocks reach its API", () => {
    for (const evaluation of onEks) {
      expect(only(evaluation, "aws:eks/cluster:Cluster").inputs["vpcConfig"]).toMatchObject({
        endpointPrivateAccess: true,
        endpointPublicAccess: false,
        securityGroupIds: ["cluster-api-group-id"],
        subnetIds: expect.arrayContaining([expect.stringContaining("private")]),
      });
      const rules = of(evaluation, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").filter(
        ({ inputs }) => inputs["securityGroupId"] === "cluster-api-group-id",
      );
      expect(rules.map(({ inputs }) => inputs["cidrIpv4"])).toEqual(["10.1.0.0/16"]);
    }
  });

  test("the EKS cluster encrypts its secrets with a customer-managed key that is rotated", () => {
    for (const evaluation of onEks) {
      const key = only(evaluation, "aws:kms/key:Key", "ClusterKey");
      expect(key.inputs).toMatchObject({ enableKeyRotation: true });
      expect(only(evaluation, "aws:eks/cluster:Cluster").inputs["encryptionConfig"]).toEqual({
        resources: ["secrets"],
        provider: { keyArn: key.outputs["arn"] },
      });
    }
  });

  test("the EKS cluster writes all control-plane logs to a group with a retention time", () => {
    for (const evaluation of onEks) {
      const cluster = only(evaluation, "aws:eks/cluster:Cluster");
      expect(cluster.inputs["enabledClusterLogTypes"]).toEqual([
        "api",
        "audit",
        "authenticator",
        "controllerManager",
        "scheduler",
      ]);
      expect(only(evaluation, "aws:cloudwatch/logGroup:LogGroup", "ClusterLogs").inputs).toEqual({
        name: `/aws/eks/${String(cluster.inputs["name"])}/cluster`,
        retentionInDays: evaluation.variant.stage === "production" ? 365 : 14,
      });
    }
  });

  test("the EKS cluster uses only Auto Mode and Pod Identity, has metrics for the HPA, and is protected like its stage", () => {
    for (const evaluation of onEks) {
      expect(only(evaluation, "aws:eks/cluster:Cluster").inputs).toMatchObject({
        accessConfig: { authenticationMode: "API" },
        computeConfig: { enabled: true },
        kubernetesNetworkConfig: { elasticLoadBalancing: { enabled: true } },
        storageConfig: { blockStorage: { enabled: true } },
        upgradePolicy: { supportType: "STANDARD" },
        deletionProtection: evaluation.variant.stage === "production",
      });
      expect(of(evaluation, "aws:iam/openIdConnectProvider:OpenIdConnectProvider")).toEqual([]);
      expect(only(evaluation, "aws:eks/addon:Addon").inputs["addonName"]).toBe("metrics-server");
    }
  });

  test("subnets of a stage with EKS have the tags by which load balancers find them, and keep their names", () => {
    for (const evaluation of onEks)
      for (const { name, inputs } of of(evaluation, "aws:ec2/subnet:Subnet")) {
        const role = name.includes("Public") ? "elb" : "internal-elb";
        expect(inputs["tags"], name).toMatchObject({
          Name: expect.stringContaining(name),
          [`kubernetes.io/role/${role}`]: "1",
        });
      }
  });
});

describe("pods and functions", () => {
  test("triggers are disabled for queues that pods or the sweep read, and for mail without a sender; all others are enabled", () => {
    const served = Object.keys(SECTIONS).toSorted();
    for (const evaluation of all) {
      const triggers = of(evaluation, "aws:lambda/eventSourceMapping:EventSourceMapping");
      const off = triggers.filter(({ inputs }) => inputs["enabled"] === false).map(({ name }) => name.toLowerCase());
      // On tenants and previews the sweep reads these queues (ADR 23).
      const byTheSweep = /^(tenant|pr)-/.test(evaluation.variant.stage) ? ["breaker", "evidence", "outcomes"] : [];
      const withoutSender = "GOTONG_MAIL_FROM" in evaluation.variant.variables ? [] : ["mail"];
      const expected = onEks.includes(evaluation) ? served : [...byTheSweep, ...withoutSender];
      expect(off.toSorted(), evaluation.variant.id).toEqual(expected.toSorted().map((queue) => `${queue}trigger`));
      expect(triggers).toHaveLength(served.length);
    }
  });

  test("worker pods have the permissions of all worker functions, and none of Lambda", () => {
    for (const evaluation of onEks) {
      const roles = rolesOf(evaluation);
      const leave = (name: string) =>
        roles
          .filter((role) => role.name === name)
          .flatMap(({ statements }) => statements)
          .filter(({ Effect }) => Effect === "Allow")
          .flatMap(({ Action, Resource: on }) => Action.flatMap((action) => on.map((arn) => `${action} ${arn}`)))
          .filter((each) => !/^(logs|xray|ec2|lambda):/.test(each));
      const ofFunctions = ["Deliveries", "Breaker", "Outcomes", "Evidence", "Sweep", "Mail"].flatMap((name) =>
        leave(`${name}WorkerRole`),
      );
      expect(new Set(leave("WorkersPodRole"))).toEqual(new Set(ofFunctions));
      if (withApi(evaluation)) expect(new Set(leave("ApiPodRole"))).toEqual(new Set(leave("ApiRole")));
    }
  });

  test("no pod role has a wildcard, a Lambda action or an AWS managed policy; each trusts only this cluster", () => {
    for (const evaluation of onEks) {
      const pods = rolesOf(evaluation).filter(({ name }) => name.endsWith("PodRole"));
      expect(pods.map(({ name }) => name)).toEqual([
        ...(withApi(evaluation) ? ["ApiPodRole"] : []),
        ...(evaluation.variant.id.includes("KEDA") ? ["KedaPodRole"] : []),
        "WorkersPodRole",
      ]);
      for (const { name, managed, statements, trusts } of pods) {
        expect(managed, name).toEqual([]);
        expect(trusts, name).toEqual([{ Service: "pods.eks.amazonaws.com" }]);
        const actions = statements.flatMap(({ Action }) => Action);
        expect(
          actions.filter((action) => action.includes("*") || action.startsWith("lambda:")),
          name,
        ).toEqual([]);
        const loose = statements
          .flatMap(({ Resource: on }) => on)
          .filter((arn) => /^\*$|:\*$|^arn:aws:s3:::\*/.test(arn));
        expect(loose, name).toEqual([]);
        const role = only(evaluation, "aws:iam/role:Role", name);
        expect(String(role.inputs["assumeRolePolicy"])).toContain(
          `"aws:SourceArn":"${String(only(evaluation, "aws:eks/cluster:Cluster").outputs["arn"])}"`,
        );
        expect(JSON.stringify(role.inputs["inlinePolicies"]).length, name).toBeLessThan(10_240);
      }
      // Each role is bound to the service account of the pods with its name.
      const bound = of(evaluation, "aws:eks/podIdentityAssociation:PodIdentityAssociation");
      const accounts = manifestsOf(evaluation).filter(({ kind }) => kind === "ServiceAccount");
      expect(
        bound.filter(({ name }) => name !== "KedaPodIdentity").map(({ inputs }) => inputs["serviceAccount"]),
      ).toEqual(accounts.map(({ metadata }) => metadata.name));
    }
  });

  test("pods may connect to the database and the cache, only on their ports", () => {
    for (const evaluation of onEks) {
      const rules = of(evaluation, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule").filter(
        ({ inputs }) => inputs["referencedSecurityGroupId"] === "sg-eks-cluster",
      );
      expect(
        rules.map(({ inputs }) => [inputs["securityGroupId"], inputs["fromPort"], inputs["toPort"]].join(" ")),
      ).toEqual(["cache-group-id 6379 6379", "database-group-id 5432 5432"]);
    }
  });

  test("KEDA may count the messages of the queues by which it scales, and do nothing else", () => {
    const evaluation = onEks.find(({ variant }) => variant.id.includes("KEDA"));
    if (!evaluation) throw new Error("there is no variant with KEDA");
    const role = rolesOf(evaluation).find(({ name }) => name === "KedaPodRole");
    expect(role?.statements.flatMap(({ Action }) => Action)).toEqual(["sqs:GetQueueAttributes"]);
    const urls = JSON.stringify(manifestsOf(evaluation).filter(({ kind }) => kind === "ScaledObject"));
    const scaled = [...urls.matchAll(/"queueURL":"[^"]*\/([^"/]+)"/g)].map(([, name]) => name);
    expect(scaled).toHaveLength(4);
    expect(role?.statements.flatMap(({ Resource: on }) => on.map((arn) => arn.split(":").at(-1)))).toEqual(scaled);
  });

  test("API pods have a firewall if the stage has one; it blocks in production and counts in staging", () => {
    for (const evaluation of onEks) {
      const firewalls = of(evaluation, "aws:wafv2/webAcl:WebAcl").filter(({ name }) => name === "PodsFirewall");
      expect(firewalls).toHaveLength(withApi(evaluation) ? 1 : 0);
      const rules = JSON.stringify(firewalls[0]?.inputs["rules"] ?? []);
      if (firewalls.length > 0) expect(rules.includes('"block":{}')).toBe(evaluation.variant.stage === "production");
      for (const { metadata } of manifestsOf(evaluation).filter(({ kind }) => kind === "Ingress"))
        expect(metadata.annotations?.["alb.ingress.kubernetes.io/wafv2-acl-arn"]).toBe(firewalls[0]?.outputs["arn"]);
    }
  });
});

const texts = v.record(v.string(), v.string());

/** Returns the environment variables of a pod. `secret` replaces a Secret whose content the manifests omit. */
function environmentOf(manifests: readonly Manifest[], component: string, secret?: Record<string, string>) {
  const found = (kind: string, name: string) =>
    manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);
  return {
    ...v.parse(texts, found("ConfigMap", "app-config")?.["data"]),
    ...(secret ?? v.parse(texts, found("Secret", `gotong-royong-${component}`)?.["stringData"])),
  };
}

function configOf(component: string, environment: Record<string, string>): Record<string, unknown> {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, "tests/infra/kubernetes/pod-config.ts"), component],
    { encoding: "utf8", env: { PATH: process.env["PATH"], ...environment } },
  );
  if (status !== 0) throw new Error(stderr);
  return v.parse(v.record(v.string(), v.unknown()), JSON.parse(stdout));
}

describe("a pod has all the settings that its process needs", () => {
  test("pods deployed by SST get all required settings from links of SST, and no DELIVERIES_TRIGGER_ID", () => {
    for (const evaluation of onEks) {
      const workers = configOf("workers", environmentOf(manifestsOf(evaluation), "workers"));
      expect(workers).toMatchObject({
        STAGE: evaluation.variant.stage,
        WORKERS_PORT: 9464,
        DATABASE_URL: expect.stringMatching(/^postgres:\/\/gotong:.*sslmode=verify-full&sslrootcert=rds$/),
        REDIS_URL: expect.stringMatching(/^rediss:\/\//),
        DELIVERY_SENDERS: evaluation.variant.stage === "production" ? 10 : 4,
        DATABASE_AUTO_PAUSES: evaluation.variant.stage === "production" ? "false" : "true",
      });
      // Pods switch deliveries off by a flag in Valkey, and Lambda by disabling this trigger.
      expect(workers["DELIVERIES_TRIGGER_ID"]).toBeUndefined();
      const activeFrom = evaluation.variant.variables["GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM"];
      expect(workers["GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM"]).toBe(
        activeFrom && new Date(activeFrom).toISOString(),
      );
      if (withApi(evaluation))
        expect(configOf("api", environmentOf(manifestsOf(evaluation), "api"))).toMatchObject({
          PORT: 3000,
          CLIENT_ADDRESS_HEADER: "x-forwarded-for",
        });
    }
  });

  const secret = "0123456789abcdefghijklmnopqrstuvwxyz";
  const addresses = { DATABASE_URL: "postgres://gotong@database/gotong", REDIS_URL: "rediss://cache:6379" };
  test.each([
    ["workers", { ...addresses, GOTONG_ROYONG_WEBHOOK_SECRET: secret, MAIL_KEY: secret, PROOF_KEY: secret }],
    ["api", { ...addresses, JWT_KEY: secret, MARKOV_API_TOKEN: secret, MAIL_KEY: secret, PROOF_KEY: secret }],
  ])("the %s pod from the manifests has all its settings, with the Secret of docs/eks.md", (component, values) => {
    for (const overlay of ["staging", "production"] as const) {
      const manifests = written(overlay);
      const config = configOf(component, environmentOf(manifests, component, values));
      expect(config).toMatchObject({ STAGE: overlay, S3_BUCKET: expect.any(String) });
      for (const queue of ["DELIVERIES", "OUTCOMES", "ATTEMPTS", "BREAKER", "EVIDENCE", "SWEEP", "MAIL", "DEAD"])
        expect(config[`${queue}_QUEUE_URL`], queue).toMatch(/^https:\/\/sqs\./);
      expect(() => configOf(component, environmentOf(manifests, component, {}))).toThrow(/DATABASE_URL is not set/);
    }
  });
});
