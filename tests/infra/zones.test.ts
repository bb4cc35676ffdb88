import { beforeAll, expect, test } from "vitest";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";
import { findSingle } from "./zones.ts";

let productions: Evaluation[];
beforeAll(async () => {
  productions = (await evaluateAll()).filter(({ variant }) => variant.stage === "production");
}, 600_000);

test("production survives the loss of any availability zone: it needs no resource that is in one zone only", () => {
  expect(productions.length).toBeGreaterThan(1);
  for (const production of productions)
    expect(findSingle(production), production.variant.id).toEqual(isSmaller(production) ? [WITHOUT_READER] : []);
});

/**
 * The finding on `small` and `medium` production, which infra/sizes.ts lists: Aurora creates a new writer from the
 * storage, which is in all zones.
 */
const WITHOUT_READER = "DatabaseCluster has one instance and no reader";
const isSmaller = ({ variant }: Evaluation) => "GOTONG_SIZE" in variant.variables;

test("a smaller production with a reader survives the loss of any availability zone", () => {
  const small = productions.find(isSmaller);
  const large = productions.find((production) => !isSmaller(production));
  const readers = large?.resources.filter(({ name }) => name.startsWith("DatabaseReplica")) ?? [];
  expect(small && findSingle({ ...small, resources: [...small.resources, ...readers] })).toEqual([]);
});

test("production has three availability zones", () => {
  const zones = productions[0]?.resources
    .filter(({ type }) => type === "aws:ec2/subnet:Subnet")
    .map(({ inputs }) => inputs["availabilityZone"]);
  expect(new Set(zones).size).toBe(3);
});

const without = (type: string, keep: number) => (resources: readonly Resource[]) => {
  let seen = 0;
  return resources.filter((resource) => resource.type !== type || (seen += 1) <= keep);
};
const changed = (type: string, inputs: Record<string, unknown>) => (resources: readonly Resource[]) =>
  resources.map((each) => (each.type === type ? { ...each, inputs: { ...each.inputs, ...inputs } } : each));
const added =
  (type: string) =>
  (resources: readonly Resource[]): Resource[] => [
    ...resources,
    ...resources.slice(0, 1).map((first) => ({ ...first, type, name: "New", inputs: {} })),
  ];

test.each([
  ["one NAT gateway for all zones", without("aws:ec2/natGateway:NatGateway", 1), /gateways stand in 1 of 3/],
  [
    "the outgoing traffic of all zones through one NAT gateway",
    (resources: readonly Resource[]) =>
      changed("aws:ec2/routeTable:RouteTable", {
        routes: resources.find(({ name }) => name === "VpcPrivateRouteTable1")?.inputs["routes"],
      })(resources),
    /leaves through/,
  ],
  ["no reader", without("aws:rds/clusterInstance:ClusterInstance", 1), /no reader/],
  ["one cache node", changed("aws:elasticache/replicationGroup:ReplicationGroup", { numCacheClusters: 1 }), /one node/],
  [
    "a cache that does not fail over",
    changed("aws:elasticache/replicationGroup:ReplicationGroup", { multiAzEnabled: false }),
    /fail over/,
  ],
  ["all subnets in one zone", changed("aws:ec2/subnet:Subnet", { availabilityZone: "us-east-1a" }), /in one zone/],
  [
    "a database in a single subnet",
    changed("aws:rds/subnetGroup:SubnetGroup", { subnetIds: ["vpc-private-subnet1-id"] }),
    /1 of 3 zones/,
  ],
  [
    "functions in a single subnet",
    changed("aws:lambda/function:Function", { vpcConfig: { subnetIds: ["vpc-private-subnet1-id"] } }),
    /1 of 3 zones/,
  ],
  ["an EC2 instance", added("aws:ec2/instance:Instance"), /one machine/],
  ["an unclassified type", added("aws:mq/broker:Broker"), /not classified/],
] as const)("production with %s is reported as not surviving the loss of a zone", (_, change, reason) => {
  const [production] = productions;
  if (!production) throw new Error("there is no production");
  expect(findSingle({ ...production, resources: change(production.resources) }).join("\n")).toMatch(reason);
});
