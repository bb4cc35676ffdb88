import type { Size, StageName } from "./stage-name.ts";

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
     * The concurrency limit of the API, which protects the sessions of the database, two for each. 0 sets none. An
     * account reserves at most 900 of its usual 1,000 in all; a new one has 10 and can reserve none ({@link
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
   * Whether the sweep reads the queues of outcomes, examinations and the breaker instead of a trigger: a trigger polls
   * its queue all month, for 26 to 33 cents (docs/adr/0023).
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
  /** What scans evidence for malware (docs/adr/0040); undefined where nothing does. */
  readonly malwareScanner?: "guardduty" | "clamd";
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

/** What the table of stages has of each: all but its name and settings. */
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
  /** Undefined where the API stays on Lambda alone. */
  readonly api?: PodShape & { readonly image: string; readonly domain: string; readonly certificateArn: string };
  /** Whether KEDA scales the workers by queue length; otherwise by CPU and memory only. */
  readonly hasKeda: boolean;
}

/** Sessions of one function at a time: `DATABASE_POOL_SIZE` of functions. */
export const SESSIONS_OF_FUNCTION = 2;
/** The most sessions that the functions of a stage open at once. */
export const sessionsOf = ({ api, workerConcurrency: { outcomes, evidence, sweep } }: Stage): number =>
  SESSIONS_OF_FUNCTION * (api.reservedConcurrency + outcomes + evidence + sweep);

/** `max_connections` of Aurora PostgreSQL: 189 for each ACU of the largest capacity, 2,000 at most where the smallest is 0.5 or less. */
export const sessionsOfDatabase = ({ minAcu, maxAcu }: DatabaseShape): number =>
  Math.min(minAcu <= 0.5 ? 2000 : 5000, 189 * maxAcu);

/** Concurrency that Lambda keeps unreserved in every account. */
const UNRESERVED_AT_LEAST = 100;

/**
 * How much of `wanted` an account can reserve with its quota of concurrent executions: all or nothing. The 10 of a new
 * account protect the database by themselves.
 */
export const reservable = (wanted: number, accountQuota: number): number =>
  wanted > 0 && wanted <= accountQuota - UNRESERVED_AT_LEAST ? wanted : 0;

/** Whether the database of an idle stage auto-pauses: then no schedule may use it. */
export const scalesToZero = (stage: Stage): boolean => stage.database.minAcu === 0;
