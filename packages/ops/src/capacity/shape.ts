/** What a stage can do at once; everything that limits it. */
export interface Shape {
  readonly name: string;
  /** Invocations of the API at once: the reservation. */
  readonly apiConcurrency: number;
  /** New instances that Lambda starts in ten seconds, for one function (Lambda Developer Guide, "Scaling"). */
  readonly instancesPerTenSeconds: number;
  /** Sessions that one instance of the API opens. */
  readonly sessionsPerInstance: number;
  /** Smallest and largest capacity of the writer, in ACU; 0 pauses. */
  readonly minAcu: number;
  readonly maxAcu: number;
  /** Sessions that the database takes. */
  readonly sessions: number;
  /** Sessions of everything but the API. */
  readonly otherSessions: number;
  /** Deliveries to Markov in a minute (platform.md §4). */
  readonly markovPerMinute: number;
  /** Deliveries at once. */
  readonly senders: number;
  /** Examinations of photographs at once. */
  readonly examiners: number;
}

/** The largest that Aurora Serverless v2 can be, 256 ACU, and what one account gets without asking: 1,000 executions. */
const LARGEST = { maxAcu: 256, accountConcurrency: 1_000 };

const COMMON = { instancesPerTenSeconds: 1_000, sessionsPerInstance: 2, markovPerMinute: 1_000 };

/** The stages of docs/deploy.md, "How much at once"; tests/infra/capacity.test.ts compares them with what is evaluated. */
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
  /** Production with every quota raised and the largest writer: as far as one region with one writer goes. */
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
