import type { Size, StageName } from "./stage-name.ts";

/** The shape of a database. Its capacity is in Aurora capacity units (1 ACU is about 2 GiB of memory). */
export interface DatabaseShape {
  readonly minAcu: number;
  readonly maxAcu: number;
  /** Minutes without a session until the database auto-pauses. Set if and only if `minAcu` is 0. */
  readonly pauseAfterMinutes?: number;
  /** Number of instances in addition to the writer, each in another zone; the first is the failover target. */
  readonly readers: number;
  /** Days of point-in-time recovery, 1–35. */
  readonly backupDays: number;
}

export type CacheShape =
  | { readonly kind: "none" }
  /** ElastiCache Serverless for Valkey; billed for at least 100 MB. */
  | { readonly kind: "serverless"; readonly maxStorageGb: number; readonly maxEcpuPerSecond: number }
  /** One primary and `nodes - 1` replicas; with two or more nodes, ElastiCache fails over between zones. */
  | { readonly kind: "nodes"; readonly nodeType: string; readonly nodes: number; readonly snapshotDays: number };

/** Retention of logs, in SST's notation. */
export type LogRetention = "1 week" | "2 weeks" | "1 month" | "1 year";

/** All properties in which stages differ (docs/infrastructure.md explains the decisions). */
export interface Stage {
  /** The name that was given to `--stage`. */
  readonly name: string;
  readonly kind: StageName["kind"];
  /** Size of production; undefined on other stages. */
  readonly size?: Size;
  /** Number of availability zones of the network. */
  readonly zones: 2 | 3;
  /**
   * How functions in the VPC reach the internet: one NAT gateway per zone; one small NAT instance; or an egress-only
   * gateway, which is free but supports only IPv6.
   */
  readonly egress: "nat-gateways" | "nat-instance" | "ipv6";
  /**
   * True for previews: they use the network and the database cluster of `dev`, with their own database in it
   * (docs/adr/0029).
   */
  readonly isGuest: boolean;
  /** True if the stage has a host for `sst tunnel`, reachable by SSH from `Settings.bastionCidrs` only. */
  readonly hasBastion: boolean;
  readonly database: DatabaseShape;
  readonly cache: CacheShape;
  readonly api: {
    /** Memory in MB; Lambda assigns CPU in proportion. */
    readonly memoryMb: number;
    /** Whether releases shift traffic by CodeDeploy on an alias. */
    readonly hasCanary: boolean;
    /** Number of environments kept warm on the alias; 0 keeps none and costs nothing. */
    readonly provisionedConcurrency: number;
    /**
     * The concurrency limit of the API, which protects the database: each execution uses two sessions. 0 sets no
     * limit. An account can reserve at most 900 of its usual 1,000; a new account has 10 and can reserve none ({@link
     * reservable}).
     */
    readonly reservedConcurrency: number;
  };
  /** The concurrency limit of each queue (2–1,000), which protects the database and Markov. */
  readonly workerConcurrency: {
    readonly deliveries: number;
    readonly outcomes: number;
    readonly evidence: number;
    readonly sweep: number;
  };
  /**
   * Whether the sweep reads the queues `outcomes`, `evidence` and `breaker` instead of a trigger: a trigger polls its
   * queue all month, for 26 to 33 cents (docs/adr/0023).
   */
  readonly hasFewTriggers: boolean;
  /** The action of the web application firewall on a match. */
  readonly waf: "off" | "count" | "block";
  readonly firewall: {
    /**
     * Maximum number of requests of one address in five minutes. Mobile networks give whole villages a shared address:
     * the limit must allow 500 members 40 requests each.
     */
    readonly requestsPerAddress: number;
    /**
     * Action of AWS's managed rules. They mistake honest text for attacks, so they only count until an operator has
     * reviewed their matches.
     */
    readonly managedRules: "count" | "block";
  };
  readonly logRetention: LogRetention;
  /** Percentage of requests that X-Ray records, from the edge to the workers; a recorded trace costs $0.000005. */
  readonly tracedPercent: number;
  /**
   * Which alarms exist. `tenant`: errors, dead letters and the budget; `basic`: errors and dead letters; `full`:
   * everything, with a dashboard.
   */
  readonly alarms: "none" | "basic" | "tenant" | "full";
  /** Budget in USD a month; undefined means that the stage has no budget. */
  readonly monthlyBudgetUsd?: number;
  /** Whether long-running pods on EKS consume all queues instead of the functions. */
  readonly hasEks: boolean;
  /** Images and numbers of pods. Set if and only if `hasEks` is true. */
  readonly pods?: Pods;
  /** The malware scanner of evidence (docs/adr/0040); undefined if evidence is not scanned. */
  readonly malwareScanner?: "guardduty" | "clamd";
  /**
   * Whether single pieces of evidence can be locked against deletion. This cannot be changed after the bucket was
   * created.
   */
  readonly hasObjectLock: boolean;
  /** Whether `sst remove` deletes or keeps data. */
  readonly removal: "remove" | "retain";
  /**
   * Whether `sst remove` and the deletion of the database are rejected by default; a final snapshot is taken if the
   * database is deleted anyway.
   */
  readonly isProtected: boolean;
  /**
   * Whether `sst remove` and the deletion of the database are rejected: `isProtected`, unless an operator disabled it
   * by the stage's name.
   */
  readonly refusesRemoval: boolean;
  /** The host name of the API; if absent, the API is under cloudfront.net. */
  readonly domain?: string;
}

/** The properties in the table of stages: all but those that come from the name and settings of a stage. */
export type Shape = Omit<Stage, "refusesRemoval" | "name" | "kind" | "domain" | "pods" | "size">;

/** Resource requests and limits of a container, in Kubernetes' notation. */
interface PodResources {
  readonly cpu: string;
  readonly memory: string;
}

/** One Deployment: the resources of each pod, and the minimum and maximum number of pods. */
export interface PodShape {
  readonly requests: PodResources;
  readonly limits: PodResources;
  readonly least: number;
  readonly most: number;
}

/** The pods of a stage. */
export interface Pods {
  readonly workers: PodShape & { readonly image: string };
  /** Undefined if the API runs on Lambda only. */
  readonly api?: PodShape & { readonly image: string; readonly domain: string; readonly certificateArn: string };
  /** Whether KEDA scales the workers by queue length; otherwise by CPU and memory only. */
  readonly hasKeda: boolean;
}

/** Maximum number of sessions of one function instance: `DATABASE_POOL_SIZE` of functions. */
export const SESSIONS_OF_FUNCTION = 2;
/** Returns the maximum number of sessions that the functions of a stage open at once. */
export const sessionsOf = ({ api, workerConcurrency: { outcomes, evidence, sweep } }: Stage): number =>
  SESSIONS_OF_FUNCTION * (api.reservedConcurrency + outcomes + evidence + sweep);

/**
 * Returns `max_connections` of Aurora PostgreSQL: 189 for each ACU of the maximum capacity, limited to 2,000 if the
 * minimum capacity is 0.5 or less.
 */
export const sessionsOfDatabase = ({ minAcu, maxAcu }: DatabaseShape): number =>
  Math.min(minAcu <= 0.5 ? 2000 : 5000, 189 * maxAcu);

/** Concurrency that Lambda keeps unreserved in every account. */
const UNRESERVED_AT_LEAST = 100;

/**
 * Returns how much of `wanted` an account can reserve under its quota of concurrent executions: all or nothing. The
 * quota of 10 of a new account protects the database by itself.
 */
export const reservable = (wanted: number, accountQuota: number): number =>
  wanted > 0 && wanted <= accountQuota - UNRESERVED_AT_LEAST ? wanted : 0;

/** Returns whether the database of an idle stage auto-pauses; if so, no schedule may use it. */
export const scalesToZero = (stage: Stage): boolean => stage.database.minAcu === 0;
