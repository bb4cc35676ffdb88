import { SIZES, type Size } from "./stage-name.ts";
import type { Shape } from "./stage-shape.ts";

interface SizeOfProduction {
  /**
   * Number of users for which the size is intended, and by which its monthly bill is judged
   * (tests/infra/bill.test.ts).
   */
  readonly expectedUsers: number;
  /** The differences from `STAGES.production`. */
  readonly shape: Partial<Shape>;
  /** Features that production lacks at this size, in sentences for an operator. */
  readonly lacks: readonly string[];
}

const NO_READER =
  "No reader of the database: when its zone is lost Aurora makes a new writer in another one, in about ten minutes instead of one. Nothing committed is lost. GOTONG_READERS=1 adds a reader.";
const IPV6_ALONE =
  "Functions reach Markov over IPv6 alone. Where Markov has no IPv6: GOTONG_EGRESS=nat-instance, which is down while its zone is, or nat-gateways.";

/**
 * The sizes of production. All of them have several zones, encryption, 35 days of backups, the firewall, the canary
 * and every alarm.
 */
export const PRODUCTION_SIZES: Readonly<Record<Size, SizeOfProduction>> = {
  small: {
    expectedUsers: 10_000,
    shape: {
      egress: "ipv6",
      database: { minAcu: 0.5, maxAcu: 8, readers: 0, backupDays: 35 },
      // AWS spreads a serverless cache over the zones, for a ninth of the price of three nodes.
      cache: { kind: "serverless", maxStorageGb: 1, maxEcpuPerSecond: 5000 },
      workerConcurrency: { deliveries: 5, outcomes: 5, evidence: 10, sweep: 2 },
      monthlyBudgetUsd: 100,
    },
    lacks: [
      NO_READER,
      IPV6_ALONE,
      "No cache nodes of its own: Valkey Serverless, limited to 1 GB and 5,000 commands a second, without snapshots.",
      "Half as many workers at once: what 20 photographs a second leave behind takes twice as long.",
    ],
  },
  medium: {
    expectedUsers: 100_000,
    shape: {
      egress: "ipv6",
      database: { minAcu: 0.5, maxAcu: 16, readers: 0, backupDays: 35 },
      cache: { kind: "nodes", nodeType: "t4g.small", nodes: 2, snapshotDays: 7 },
      monthlyBudgetUsd: 450,
    },
    lacks: [
      NO_READER,
      IPV6_ALONE,
      "Two cache nodes instead of three: while one is replaced there is no second replica.",
    ],
  },
  large: { expectedUsers: 1_000_000, shape: {}, lacks: [] },
};

/** Describes the intended users of each size and the features that it lacks, for the end of `npm run infra -- stages`. */
export function sizesText(): string {
  return SIZES.map((size) => {
    const { expectedUsers, lacks } = PRODUCTION_SIZES[size];
    const words = lacks.length > 0 ? lacks.map((sentence) => `\n  - ${sentence}`).join("") : " lacks nothing.";
    return `production, ${size}: up to ${expectedUsers.toLocaleString("en")} users;${lacks.length > 0 ? " lacks:" : ""}${words}`;
  }).join("\n");
}
