/** The limits of a stage. */
export interface Shape {
  readonly name: string;
  /** Maximum number of concurrent invocations of the API, which is its reserved concurrency. */
  readonly apiConcurrency: number;
  /** Number of instances that Lambda can start in ten seconds, for one function (Lambda Developer Guide, "Scaling"). */
  readonly instancesPerTenSeconds: number;
  /** Number of database sessions that one instance of the API opens. */
  readonly sessionsPerInstance: number;
  /** Minimum and maximum capacity of the writer, in ACU; a minimum of 0 means that it auto-pauses. */
  readonly minAcu: number;
  readonly maxAcu: number;
  /** Maximum number of sessions of the database. */
  readonly sessions: number;
  /** Number of sessions of all processes but the API. */
  readonly otherSessions: number;
  /** Maximum number of deliveries to Markov in a minute (platform.md §4). */
  readonly markovPerMinute: number;
  /** Maximum number of concurrent deliveries. */
  readonly senders: number;
  /** Maximum number of concurrent examinations of photos. */
  readonly examiners: number;
}

/** The maximum of Aurora Serverless v2, 256 ACU, and the default concurrency quota of an account, 1,000 executions. */
const LARGEST = { maxAcu: 256, accountConcurrency: 1_000 };

const COMMON = { instancesPerTenSeconds: 1_000, sessionsPerInstance: 2, markovPerMinute: 1_000 };

/**
 * The stages of docs/deploy.md, "How much at once"; tests/infra/capacity.test.ts compares them with the evaluated
 * stages.
 */
export const SHAPES = {
  tenant: {
    ...COMMON,
    name: "tenant",
    apiConcurrency: 40,
    minAcu: 0,
    maxAcu: 2,
    sessions: 378,
    otherSessions: 12,
    senders: 2,
    examiners: 2,
  },
  production: {
    ...COMMON,
    name: "production",
    apiConcurrency: 300,
    minAcu: 0.5,
    maxAcu: 16,
    sessions: 2_000,
    otherSessions: 64,
    senders: 10,
    examiners: 10,
  },
  /** Production with every quota raised and the largest writer: the upper limit of one region with one writer. */
  largest: {
    ...COMMON,
    name: "one region, one writer",
    apiConcurrency: LARGEST.accountConcurrency * 10,
    minAcu: 8,
    maxAcu: LARGEST.maxAcu,
    sessions: 5_000,
    otherSessions: 500,
    senders: 100,
    examiners: 500,
  },
} as const satisfies Record<string, Shape>;
export type ShapeName = keyof typeof SHAPES;
