import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stagesTable } from "../../infra/print-stages.ts";
import { PRODUCTION_SIZES, sizesText } from "../../infra/sizes.ts";
import { parseStageName, readSettings } from "../../infra/stage-name.ts";
import { problemsOf } from "../../infra/stage-rules.ts";
import { scalesToZero } from "../../infra/stage-shape.ts";
import { STAGES, describeStage } from "../../infra/stages.ts";

const WORKERS = "123456789012.dkr.ecr.us-east-1.amazonaws.com/gotong-royong/workers:1.2.3";
const API_PODS = {
  eks: true,
  workersImage: WORKERS,
  apiImage: WORKERS,
  podsDomain: "pods.example.org",
  podsCertificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/0a",
} as const;

describe("stage names", () => {
  test.each([
    ["production", "production"],
    ["staging", "staging"],
    ["dev", "dev"],
    ["tenant-bandung", "tenant"],
    ["tenant-rt-05", "tenant"],
    ["tenant-a", "tenant"],
    ["tenant-12345678901234567890", "tenant"],
    ["pr-1", "preview"],
    ["pr-123456", "preview"],
    ["wulan", "personal"],
    ["wulan-2", "personal"],
  ])("the name %s is classified as a %s stage", (name, kind) => {
    expect(parseStageName(name).kind).toBe(kind);
  });

  test.each([
    ["", /DNS label/],
    ["Wulan", /DNS label/],
    ["2wulan", /starts with a letter/],
    ["-wulan", /DNS label/],
    ["wulan-", /DNS label/],
    ["wulan_2", /DNS label/],
    ["a".repeat(21), /at most 20/],
    ["tenant-", /tenant-bandung/],
    ["tenant-Bandung", /DNS label/],
    ["tenant--x", /DNS label/],
    ["tenant-x-", /DNS label/],
    ["tenant-bandung.jabar", /DNS label/],
    [`tenant-${"a".repeat(21)}`, /at most 20/],
    ["pr-0", /pull request/],
    ["pr-01", /pull request/],
    ["pr-x", /pull request/],
    ["pr-1234567", /pull request/],
    ["prod", /did you mean production/],
    ["stage", /did you mean staging/],
    ["tenant", /did you mean tenant-<name>/],
    ["toString", /DNS label/],
  ])("the stage name %j is rejected with the reason", (name, reason) => {
    expect(() => describeStage(name)).toThrow(reason);
  });

  test("every accepted stage name is a DNS label of at most 27 characters, so that it fits into every resource name", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(tenant-|pr-)?[a-z0-9-]{1,25}$/)), (name) => {
        try {
          parseStageName(name);
        } catch {
          return;
        }
        expect(name).toMatch(/^[a-z]([a-z0-9-]{0,25}[a-z0-9])?$/);
      }),
    );
  });
});

describe("combinations of stage settings", () => {
  test.each([
    ["wulan", { eks: true }, /EKS costs \$73/],
    ["production", { eks: true }, /GOTONG_EKS_WORKERS_IMAGE/],
    ["dev", { eks: true, workersImage: WORKERS }, /only for staging and production/],
    ["tenant-bandung", { eks: true, workersImage: WORKERS }, /only for staging and production/],
    ["staging", { eks: true, workersImage: WORKERS, cache: "none" }, /share Markov's limit/],
    ["production", { eks: true, workersImage: WORKERS, egress: "ipv6" }, /over IPv4/],
    ["production", { eks: true, workersImage: WORKERS, apiImage: WORKERS }, /need all of GOTONG_EKS_API_IMAGE/],
    ["production", { eks: true, workersImage: WORKERS, podsDomain: "a.example.org" }, /need all of/],
    ["production", { ...API_PODS, domain: "pods.example.org" }, /another one than GOTONG_DOMAIN/],
    ["production", { workersImage: WORKERS }, /mean nothing without GOTONG_EKS/],
    ["production", { keda: true }, /mean nothing without GOTONG_EKS/],
    ["tenant-bandung", { eks: true }, /EKS/],
    ["production", { cache: "none" }, /keeps its cache on nodes/],
    ["production", { size: "small", cache: "none" }, /through a cache in several zones/],
    ["production", { size: "small", cache: "nodes" }, /through a cache in several zones/],
    ["production", { readers: 0 }, /has a reader to fail over to/],
    ["tenant-bandung", { readers: 1 }, /is for production/],
    ["staging", { size: "small" }, /only production comes in sizes/],
    ["production", { ...API_PODS, size: "small" }, /over IPv4/],
    ["production", { cache: "serverless" }, /keeps its cache on nodes/],
    ["tenant-bandung", { cache: "nodes" }, /a tenant has no cache node/],
    ["production", { egress: "nat-instance" }, /does not survive/],
    ["tenant-bandung", { egress: "nat-gateways" }, /\$33 a month/],
    ["staging", { provisionedConcurrency: 1 }, /needs an alias/],
    ["pr-1", { domain: "api.example.org" }, /preview would take the domain/],
  ] as const)("the stage %s with the settings %j is rejected with the reason", (name, settings, reason) => {
    expect(() => describeStage(name, settings)).toThrow(reason);
  });

  test.each([
    ["production", { provisionedConcurrency: 5, domain: "api.example.org" }],
    ["production", { egress: "ipv6" }],
    ["production", { size: "small" }],
    ["production", { size: "small", egress: "nat-instance", readers: 1 }],
    ["production", { size: "medium", cache: "serverless" }],
    ["production", { size: "large", readers: 2 }],
    ["staging", { cache: "none" }],
    ["staging", { eks: true, workersImage: WORKERS }],
    ["staging", { eks: true, workersImage: WORKERS, cache: "serverless" }],
    ["production", { ...API_PODS, keda: true, domain: "api.example.org" }],
    ["tenant-bandung", { eks: false, keda: false }],
    ["tenant-bandung", { cache: "serverless" }],
    ["tenant-bandung", { egress: "nat-instance" }],
    ["wulan", { cache: "none", egress: "ipv6" }],
  ] as const)("the stage %s with the settings %j is accepted", (name, settings) => {
    expect(problemsOf(describeStage(name, settings))).toEqual([]);
  });

  test.each([
    [
      "a pause without a smallest capacity of 0",
      { database: { minAcu: 1, maxAcu: 2, pauseAfterMinutes: 5, readers: 0, backupDays: 7 } },
    ],
    ["a smallest capacity above the largest", { database: { minAcu: 4, maxAcu: 2, readers: 0, backupDays: 7 } }],
    ["backups of 36 days", { database: { ...STAGES.tenant.database, backupDays: 36 } }],
    ["no backups", { database: { ...STAGES.tenant.database, backupDays: 0 } }],
    ["protection of data that sst remove deletes", { isProtected: true }],
  ] as const)("a table of stages with %s is rejected", (_, change) => {
    expect(problemsOf({ ...describeStage("wulan"), ...change })).not.toEqual([]);
  });

  test("a production stage that auto-pauses, or has no reader, is rejected", () => {
    const production = describeStage("production");
    expect(problemsOf({ ...production, database: { ...production.database, readers: 0 } })).toHaveLength(1);
    expect(
      problemsOf({ ...production, database: { ...production.database, minAcu: 0, pauseAfterMinutes: 5 } }),
    ).toHaveLength(1);
  });
});

describe("settings of a stage", () => {
  test("stage settings are read from environment variables; an empty variable counts as unset", () => {
    expect(readSettings({})).toEqual({});
    expect(
      readSettings({
        GOTONG_EGRESS: "ipv6",
        GOTONG_CACHE: "",
        GOTONG_EKS: "true",
        GOTONG_EKS_WORKERS_IMAGE: `123456789012.dkr.ecr.us-east-1.amazonaws.com/workers@sha256:${"0a".repeat(32)}`,
        GOTONG_EKS_KEDA: "false",
        GOTONG_PROVISIONED_CONCURRENCY: "3",
        GOTONG_DOMAIN: "api.example.org",
        GOTONG_BUDGET_USD: "20",
        GOTONG_TRACED_PERCENT: "0",
        GOTONG_SIZE: "medium",
        GOTONG_READERS: "1",
      }),
    ).toEqual({
      egress: "ipv6",
      eks: true,
      workersImage: `123456789012.dkr.ecr.us-east-1.amazonaws.com/workers@sha256:${"0a".repeat(32)}`,
      keda: false,
      provisionedConcurrency: 3,
      domain: "api.example.org",
      monthlyBudgetUsd: 20,
      tracedPercent: 0,
      size: "medium",
      readers: 1,
    });
  });

  test.each([
    ["GOTONG_EGRESS", "nat"],
    ["GOTONG_CACHE", "redis"],
    ["GOTONG_EKS", "yes"],
    ["GOTONG_EKS_KEDA", "1"],
    ["GOTONG_EKS_WORKERS_IMAGE", "workers:1.2.3"],
    ["GOTONG_EKS_WORKERS_IMAGE", "123456789012.dkr.ecr.us-east-1.amazonaws.com/workers"],
    ["GOTONG_EKS_WORKERS_IMAGE", "123456789012.dkr.ecr.us-east-1.amazonaws.com/workers:latest"],
    ["GOTONG_EKS_API_IMAGE", "123456789012.dkr.ecr.us-east-1.amazonaws.com/api@sha256:12"],
    ["GOTONG_EKS_DOMAIN", "https://pods.example.org"],
    ["GOTONG_EKS_CERTIFICATE_ARN", "arn:aws:iam::123456789012:server-certificate/a"],
    ["GOTONG_PROVISIONED_CONCURRENCY", "-1"],
    ["GOTONG_PROVISIONED_CONCURRENCY", "101"],
    ["GOTONG_DOMAIN", "https://api.example.org"],
    ["GOTONG_DOMAIN", "localhost"],
    ["GOTONG_BUDGET_USD", "0"],
    ["GOTONG_SIZE", "huge"],
    ["GOTONG_READERS", "3"],
    ["GOTONG_TRACED_PERCENT", "101"],
  ])("the setting %s=%s is rejected, with its name in the message", (name, value) => {
    expect(() => readSettings({ [name]: value })).toThrow(`${name} must be`);
  });
});

test("the stages match the table of infrastructure.md §2", () => {
  expect(stagesTable()).toMatchInlineSnapshot(`
    "                    personal              dev                   preview               staging                production, small  medium         large                 tenant
    zones               2                     2                     2                     2                      3                  3              3                     2
    egress              nat-instance          nat-instance          nat-instance          nat-instance           ipv6               ipv6           nat-gateways          ipv6
    network             own                   own                   dev's                 own                    own                own            own                   own
    bastion             no                    yes                   no                    no                     no                 no             no                    no
    database            0–2 ACU, pause 5 min  0–2 ACU, pause 5 min  0–2 ACU, pause 5 min  0–4 ACU, pause 15 min  0.5–8 ACU          0.5–16 ACU     0.5–16 ACU, 1 reader  0–2 ACU, pause 5 min
    backups             1 d                   1 d                   1 d                   7 d                    35 d               35 d           35 d                  7 d
    cache               t4g.micro × 1         t4g.micro × 1         none                  t4g.micro × 1          serverless         t4g.small × 2  t4g.small × 3         none
    api memory          512 MB                512 MB                512 MB                512 MB                 1024 MB            1024 MB        1024 MB               512 MB
    canary              no                    no                    no                    no                     yes                yes            yes                   no
    api at once         20                    20                    5                     50                     300                300            300                   40
    deliveries at once  2                     2                     2                     5                      5                  10             10                    2
    triggers            all                   all                   few                   all                    all                all            all                   few
    waf                 off                   off                   off                   count                  block              block          block                 off
    logs                1 week                1 week                1 week                2 weeks                1 year             1 year         1 year                1 month
    traced              100 %                 100 %                 0 %                   100 %                  5 %                5 %            5 %                   0 %
    alarms              none                  none                  none                  basic                  full               full           full                  tenant
    budget              –                     –                     –                     –                      $100               $450           $1000                 $10
    object lock         no                    no                    no                    no                     yes                yes            yes                   yes
    removal             remove                remove                remove                remove                 retain             retain         retain                retain
    protected           no                    no                    no                    no                     yes                yes            yes                   yes"
  `);
});

test("each smaller size of production lists the features that it lacks, and stays within its budget", () => {
  for (const [size, most] of [
    ["small", 100],
    ["medium", 450],
  ] as const) {
    expect(PRODUCTION_SIZES[size].lacks.length).toBeGreaterThan(1);
    expect(describeStage("production", { size }).monthlyBudgetUsd).toBe(most);
  }
  expect(PRODUCTION_SIZES.large).toMatchObject({ shape: {}, lacks: [] });
  expect(sizesText()).toMatch(/production, small: up to 10,000 users; lacks:\n {2}- No reader/);
});

test("the database of every stage except production auto-pauses", () => {
  const autoPausing = ["wulan", "dev", "pr-1", "staging", "tenant-bandung"].map((name) => describeStage(name));
  expect(autoPausing.every(scalesToZero)).toBe(true);
  expect(scalesToZero(describeStage("production"))).toBe(false);
});
