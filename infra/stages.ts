import { type Pods, podsOf, problemsOfPods } from "./pods.ts";
import { PRODUCTION_SIZES, type Size } from "./sizes.ts";
import { type Settings, type StageName, parseStageName } from "./stage-name.ts";

/** The smallest and largest capacity of the database in Aurora capacity units (1 ACU is about 2 GiB of memory). */
export interface DatabaseShape {
  readonly minAcu: number;
  readonly maxAcu: number;
  /** Minutes without a session until the database auto-pauses. Set if and only if `minAcu` is 0. */
  readonly pauseAfterMinutes?: number;
  /** Instances beside the writer, each in another zone; the first is the failover target. */
  readonly readers: number;
  /** Days of point-in-time recovery, 1–35. */
  readonly backupDays: number;
}

export type CacheShape =
  | { readonly kind: "none" }
  /** ElastiCache Serverless for Valkey; billed for at least 100 MB. */
  | { readonly kind: "serverless"; readonly maxStorageGb: number; readonly maxEcpuPerSecond: number }
  /** One primary and `nodes - 1` replicas; more than one node means failover over several zones. */
  | { readonly kind: "nodes"; readonly nodeType: string; readonly nodes: number; readonly snapshotDays: number };

/** Days that logs are kept, in the words of SST. */
export type LogRetention = "1 week" | "2 weeks" | "1 month" | "1 year";

/** Everything in which one stage differs from another (docs/infrastructure.md explains the choices). */
export interface Stage {
  /** The name that was given to `--stage`. */
  readonly name: string;
  readonly kind: StageName["kind"];
  /** Only for production: the number of users that its size is for. */
  readonly size?: Size;
  /** Availability zones that the network spreads over. */
  readonly zones: 2 | 3;
  /**
   * How functions in the VPC reach the internet: one NAT gateway per zone; one small NAT instance; or, for nothing at all, an
   * egress-only gateway that carries IPv6 alone.
   */
  readonly egress: "nat-gateways" | "nat-instance" | "ipv6";
  /** Lives in the network and in the database cluster of `dev`, with a database of its own there (docs/adr/0029): previews. */
  readonly isGuest: boolean;
  /** A host for `sst tunnel`, reachable by SSH from `Settings.bastionCidrs` only. */
  readonly hasBastion: boolean;
  readonly database: DatabaseShape;
  readonly cache: CacheShape;
  readonly api: {
    /** MB; Lambda gives CPU in proportion. */
    readonly memoryMb: number;
    /** Whether releases shift traffic by CodeDeploy on an alias. */
    readonly hasCanary: boolean;
    /** Environments kept warm on the alias; 0 keeps none and costs nothing. */
    readonly provisionedConcurrency: number;
    /**
     * Most invocations at once: what protects the database's sessions, two for each. 0 sets none. An account reserves at most 900 of its
     * usual 1,000 in all; a new one has 10 and can reserve none ({@link reservable}).
     */
    readonly reservedConcurrency: number;
  };
  /** Most invocations at once for each queue (2–1,000): what protects the database and Markov. */
  readonly workerConcurrency: {
    readonly deliveries: number;
    readonly outcomes: number;
    readonly evidence: number;
    readonly sweep: number;
  };
  /**
   * Whether the sweep reads the queues of outcomes, examinations and the breaker: a trigger asks its queue all month, for 26 to 33 cents
   * (docs/adr/0023).
   */
  readonly hasFewTriggers: boolean;
  /** The action of the web application firewall on a match. */
  readonly waf: "off" | "count" | "block";
  readonly firewall: {
    /** Of one address in five minutes. Mobile networks put whole villages behind one: 500 members at 40 requests. */
    readonly requestsPerAddress: number;
    /** AWS's managed rules take honest text for attacks: they count until an operator has looked at what they match. */
    readonly managedRules: "count" | "block";
  };
  readonly logRetention: LogRetention;
  /** How many of a hundred requests X-Ray records, from the edge to the workers; a recorded trace costs $0.000005. */
  readonly tracedPercent: number;
  /** `tenant`: errors, dead letters and the budget; `basic`: errors and dead letters; `full`: everything, with a dashboard. */
  readonly alarms: "none" | "basic" | "tenant" | "full";
  /** USD a month; undefined means that no budget watches the stage. */
  readonly monthlyBudgetUsd?: number;
  /** Long-running pods on EKS take over all queues from the functions. */
  readonly hasEks: boolean;
  /** Images and numbers of pods. Set if and only if `hasEks` is set. */
  readonly pods?: Pods;
  /** Evidence can be locked against deletion, per object. Cannot be changed after the bucket was made. */
  readonly hasObjectLock: boolean;
  /** What `sst remove` does with data. */
  readonly removal: "remove" | "retain";
  /** Refuses `sst remove` and the deletion of the database; a final snapshot is taken if it happens all the same. */
  readonly isProtected: boolean;
  /** Whether `sst remove` and the deletion of the database are refused: where `isProtected`, unless that is switched off by name. */
  readonly refusesRemoval: boolean;
  /** The host name of the API; without one it answers under cloudfront.net. */
  readonly domain?: string;
}

type Shape = Omit<Stage, "refusesRemoval" | "name" | "kind" | "domain" | "pods" | "size">;

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

/** The table of stages. Production is the size `large`; `sizes.ts` has the differences of the smaller sizes. */
export const STAGES: Readonly<Record<StageName["kind"], Shape>> = {
  personal: PERSONAL,
  // A pull request costs minutes and cents: nothing in it takes long to make or is paid by the hour.
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
 * The stage of this name, with what the settings change about it.
 * @throws Error naming what is wrong and what would be right, before anything is deployed
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

/** Each rule that a combination breaks, in words; an empty list means that the stage may be deployed. */
export function problemsOf(stage: Stage): string[] {
  const { kind, database, cache } = stage;
  const isAlwaysOn = kind === "production";
  const isLarge = stage.size === "large";
  const rules: [broken: boolean, problem: string][] = [
    [
      isLarge && cache.kind !== "nodes",
      `a large production keeps its cache on nodes in several zones: leave GOTONG_CACHE out`,
    ],
    [
      isAlwaysOn && (cache.kind === "none" || (cache.kind === "nodes" && cache.nodes < 2)),
      `production shares its limits through a cache in several zones: leave GOTONG_CACHE out`,
    ],
    [
      stage.isGuest && (cache.kind !== "none" || stage.egress !== "nat-instance"),
      `a preview lives in the network of dev: leave GOTONG_CACHE and GOTONG_EGRESS out`,
    ],
    [
      kind === "tenant" && cache.kind === "nodes",
      `a tenant has no cache node, it would cost more than everything else: use "none" or "serverless"`,
    ],
    [
      isLarge && stage.egress === "nat-instance",
      `one NAT instance does not survive the loss of its zone, which a large production does: use "nat-gateways" or "ipv6"`,
    ],
    [
      stage.hasBastion && stage.egress !== "nat-instance",
      `a stage with a bastion leaves over its NAT instance: leave GOTONG_EGRESS out`,
    ],
    [
      !isAlwaysOn && stage.egress === "nat-gateways",
      `NAT gateways cost $33 a month each and are for production: use "nat-instance" or "ipv6"`,
    ],
    [
      stage.api.provisionedConcurrency > 0 && !stage.api.hasCanary,
      `provisioned concurrency needs an alias, which only production has`,
    ],
    [stage.hasFewTriggers && stage.hasEks, `pods poll their queues, and need none of the sweep's help`],
    [
      stage.api.reservedConcurrency > 0 && stage.api.provisionedConcurrency > stage.api.reservedConcurrency,
      `provisioned concurrency is a part of the reserved one: GOTONG_RESERVED_CONCURRENCY is too low`,
    ],
    [
      sessionsOf(stage) > SESSIONS_SHARE * sessionsOfDatabase(database),
      `${sessionsOf(stage)} sessions could be open at once and the database takes ${sessionsOfDatabase(database)}: lower GOTONG_RESERVED_CONCURRENCY`,
    ],
    [
      stage.domain !== undefined && kind === "preview",
      `a preview would take the domain away from the stage that owns it`,
    ],
    [
      (database.minAcu === 0) !== (database.pauseAfterMinutes !== undefined),
      `a database pauses exactly where its smallest capacity is 0`,
    ],
    [database.minAcu > database.maxAcu, `the smallest capacity of the database is above its largest`],
    [database.backupDays < 1 || database.backupDays > 35, `backups are kept 1 to 35 days`],
    [isAlwaysOn && database.minAcu === 0, `production never pauses`],
    [isLarge && database.readers === 0, `a large production has a reader to fail over to`],
    [
      !isAlwaysOn && database.readers > 0,
      `a reader costs as much as the writer and is for production: leave GOTONG_READERS out`,
    ],
    [
      stage.isProtected !== (stage.removal === "retain"),
      `a protected stage retains its data, and only a protected one does`,
    ],
  ];
  return rules.filter(([broken]) => broken).map(([, problem]) => problem);
}

/** Sessions of one function at a time: `DATABASE_POOL_SIZE` of functions. */
export const SESSIONS_OF_FUNCTION = 2;
/** The remaining sessions are for migrations, operators and Aurora itself. */
const SESSIONS_SHARE = 0.8;

/** The most sessions that the functions of a stage open at once. */
export const sessionsOf = ({ api, workerConcurrency: { outcomes, evidence, sweep } }: Stage): number =>
  SESSIONS_OF_FUNCTION * (api.reservedConcurrency + outcomes + evidence + sweep);

/** `max_connections` of Aurora PostgreSQL: 189 for each ACU of the largest capacity, 2,000 at most where the smallest is 0.5 or less. */
export const sessionsOfDatabase = ({ minAcu, maxAcu }: DatabaseShape): number =>
  Math.min(minAcu <= 0.5 ? 2000 : 5000, 189 * maxAcu);

/** Concurrency that Lambda keeps unreserved in every account. */
const UNRESERVED_AT_LEAST = 100;

/**
 * What of `wanted` an account can reserve, by its quota of concurrent executions: all or nothing. The 10 of a new account protect the
 * database by themselves.
 */
export const reservable = (wanted: number, accountQuota: number): number =>
  wanted > 0 && wanted <= accountQuota - UNRESERVED_AT_LEAST ? wanted : 0;

/** Whether the database of an idle stage auto-pauses: then no schedule may use it. */
export const scalesToZero = (stage: Stage): boolean => stage.database.minAcu === 0;
