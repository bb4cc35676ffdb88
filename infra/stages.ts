import { podsOf, problemsOfPods } from "./pods.ts";
import { PRODUCTION_SIZES } from "./sizes.ts";
import { type Settings, type StageName, parseStageName } from "./stage-name.ts";
import { problemsOf } from "./stage-rules.ts";
import type { CacheShape, Shape, Stage } from "./stage-shape.ts";

const SMALL_CACHE = { kind: "nodes", nodeType: "t4g.micro", nodes: 1, snapshotDays: 0 } as const;

const PERSONAL: Shape = {
  zones: 2,
  egress: "nat-instance",
  isGuest: false,
  hasBastion: false,
  database: { minAcu: 0, maxAcu: 2, pauseAfterMinutes: 5, readers: 0, backupDays: 1 },
  cache: SMALL_CACHE,
  api: { memoryMb: 512, hasCanary: false, provisionedConcurrency: 0, reservedConcurrency: 20 },
  workerConcurrency: { deliveries: 2, outcomes: 2, evidence: 2, sweep: 2 },
  hasFewTriggers: false,
  waf: "off",
  firewall: { requestsPerAddress: 20_000, managedRules: "count" },
  logRetention: "1 week",
  tracedPercent: 100,
  alarms: "none",
  hasEks: false,
  hasObjectLock: false,
  removal: "remove",
  isProtected: false,
};

/**
 * The table of stages: one row for each kind. The row `production` describes the size `large`; `sizes.ts` has the
 * settings that differ in smaller sizes.
 */
export const STAGES: Readonly<Record<StageName["kind"], Shape>> = {
  personal: PERSONAL,
  // A preview should cost minutes and cents, so it contains no resource that takes long to create or is billed by the
  // hour.
  preview: {
    ...PERSONAL,
    isGuest: true,
    cache: { kind: "none" },
    api: { ...PERSONAL.api, reservedConcurrency: 5 },
    hasFewTriggers: true,
    tracedPercent: 0,
  },
  dev: { ...PERSONAL, hasBastion: true },
  staging: {
    ...PERSONAL,
    database: { minAcu: 0, maxAcu: 4, pauseAfterMinutes: 15, readers: 0, backupDays: 7 },
    api: { ...PERSONAL.api, reservedConcurrency: 50 },
    workerConcurrency: { deliveries: 5, outcomes: 5, evidence: 5, sweep: 2 },
    waf: "count",
    logRetention: "2 weeks",
    alarms: "basic",
  },
  production: {
    zones: 3,
    egress: "nat-gateways",
    isGuest: false,
    hasBastion: false,
    database: { minAcu: 0.5, maxAcu: 16, readers: 1, backupDays: 35 },
    cache: { kind: "nodes", nodeType: "t4g.small", nodes: 3, snapshotDays: 7 },
    api: { memoryMb: 1024, hasCanary: true, provisionedConcurrency: 0, reservedConcurrency: 300 },
    workerConcurrency: { deliveries: 10, outcomes: 10, evidence: 20, sweep: 2 },
    hasFewTriggers: false,
    waf: "block",
    firewall: PERSONAL.firewall,
    logRetention: "1 year",
    tracedPercent: 5,
    alarms: "full",
    monthlyBudgetUsd: 1000,
    hasEks: false,
    hasObjectLock: true,
    removal: "retain",
    isProtected: true,
  },
  tenant: {
    ...PERSONAL,
    egress: "ipv6",
    database: { minAcu: 0, maxAcu: 2, pauseAfterMinutes: 5, readers: 0, backupDays: 7 },
    api: { ...PERSONAL.api, reservedConcurrency: 40 },
    cache: { kind: "none" },
    hasFewTriggers: true,
    logRetention: "1 month",
    tracedPercent: 0,
    alarms: "tenant",
    monthlyBudgetUsd: 10,
    hasObjectLock: true,
    removal: "retain",
    isProtected: true,
  },
};

/**
 * Returns the stage of this name, with the changes from the settings.
 * @throws Error with the problem and the right value, before anything is deployed
 */
export function describeStage(name: string, settings: Settings = {}): Stage {
  const { kind } = parseStageName(name);
  const size = kind === "production" ? (settings.size ?? "large") : undefined;
  const shape: Shape = { ...STAGES[kind], ...(size === undefined ? {} : PRODUCTION_SIZES[size].shape) };
  const stage: Stage = {
    ...shape,
    name,
    kind,
    ...(size === undefined ? {} : { size }),
    database: { ...shape.database, readers: settings.readers ?? shape.database.readers },
    egress: settings.egress ?? shape.egress,
    cache: settings.cache === undefined ? shape.cache : cacheOf(settings.cache, shape.cache),
    api: {
      ...shape.api,
      provisionedConcurrency: settings.provisionedConcurrency ?? 0,
      reservedConcurrency: settings.reservedConcurrency ?? shape.api.reservedConcurrency,
    },
    firewall: {
      requestsPerAddress: settings.firewallRequests ?? shape.firewall.requestsPerAddress,
      managedRules: settings.managedRules ?? shape.firewall.managedRules,
    },
    tracedPercent: settings.tracedPercent ?? shape.tracedPercent,
    hasEks: settings.eks ?? false,
    refusesRemoval: shape.isProtected && settings.unprotect !== name,
    ...(settings.eks ? podsOf(kind, settings) : {}),
    ...(settings.malwareScanner === undefined ? {} : { malwareScanner: settings.malwareScanner }),
    ...(settings.domain === undefined ? {} : { domain: settings.domain }),
    ...(settings.monthlyBudgetUsd === undefined ? {} : { monthlyBudgetUsd: settings.monthlyBudgetUsd }),
  };
  const problems = [...problemsOf(stage), ...problemsOfPods(stage, settings)];
  if (settings.unprotect !== undefined && settings.unprotect !== name)
    problems.push(`GOTONG_UNPROTECT names "${settings.unprotect}": it switches off the protection of that stage alone`);
  if (settings.size !== undefined && size === undefined)
    problems.push("only production comes in sizes: leave GOTONG_SIZE out");
  if (problems.length > 0) throw new Error(`The stage "${name}" cannot be deployed:\n- ${problems.join("\n- ")}`);
  return stage;
}

function cacheOf(kind: CacheShape["kind"], usual: CacheShape): CacheShape {
  if (kind === usual.kind) return usual;
  if (kind === "none") return { kind };
  return kind === "serverless" ? { kind, maxStorageGb: 1, maxEcpuPerSecond: 1000 } : SMALL_CACHE;
}
