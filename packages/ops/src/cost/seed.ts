import { type Line, line } from "./line.ts";
import { HOURS_A_MONTH, type PriceName } from "./prices.ts";

/** Monthly costs that the first design, on Kubernetes, stated (docs/spec/infrastructure.md §1), by number of users. */
export const STATED_USD: Readonly<Record<number, number>> = { 10_000: 275, 100_000: 1043 };

/**
 * Numbers of pods in the first design: at least three of the API and two workers, scaled up with the users to at most
 * 20.
 */
const PODS = { least: 5, most: 20, usersPerPod: 7_500 };
const CPU_OF_A_POD = 0.25;
const ZONES = 3;

/**
 * Prices the first design with the same price list: an EKS cluster, nodes for its pods, a Multi-AZ database that
 * always runs (with a replica from 100,000 users), three Redis nodes, a load balancer and a NAT gateway in each zone.
 * Storage, logs and transfer are omitted, since they equal those of the serverless stage.
 */
export function seedLines(users: number): Line[] {
  const pods = Math.min(PODS.most, Math.max(PODS.least, Math.ceil(users / PODS.usersPerPod)));
  const isLarge = users >= 100_000;
  const part = (name: string, driver: string, price: PriceName, count: number) =>
    line({ name }, driver, price, count * HOURS_A_MONTH);
  return [
    part("cluster", "standing", "eksCluster", 1),
    part(
      "nodes",
      `${pods} pods of ${CPU_OF_A_POD} vCPU, in nodes that are two thirds full`,
      "podCpu",
      (pods * CPU_OF_A_POD * 3) / 2,
    ),
    part("database", "Multi-AZ", isLarge ? "rdsLargeMultiAz" : "rdsMediumMultiAz", 1),
    ...(isLarge ? [part("replica", "reads", "rdsLarge", 1)] : []),
    part("Redis", "three nodes", isLarge ? "cacheT4gMedium" : "cacheT4gSmall", 3),
    part("load balancer", "standing", "loadBalancer", 1),
    part("NAT", "one in each zone", "natGateway", ZONES),
  ];
}
