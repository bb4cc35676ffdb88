import fc from "fast-check";
import ipaddr from "ipaddr.js";
import { beforeAll, expect, test } from "vitest";
import { problemsOfDeployment, readDeployment } from "../../infra/deployment.ts";
import { subnetOf } from "../../infra/ipv6.ts";
import { NAME_LIMITS, type NamedThing, resourceName } from "../../infra/names.ts";
import { describeStage } from "../../infra/stages.ts";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const APP = "gotong-royong";
const things = Object.keys(NAME_LIMITS).filter((name): name is NamedThing => Object.hasOwn(NAME_LIMITS, name));

test("a resource name consists of app, stage and purpose; a name that is too long is truncated and ends with a hash", () => {
  expect(resourceName(APP, "tenant-bandung", "cache", "elastiCache")).toBe("gotong-royong-tenant-bandung-cache");
  const short = resourceName(APP, "tenant-12345678901234567890", "cache", "elastiCache");
  expect(short).toMatch(/^gotong-royong-tenant-[0-9]+-[0-9a-f]{6}$/);
  expect(short).toHaveLength(NAME_LIMITS.elastiCache);
});

test("names of every stage respect the service's length limit, and no two stages share a name", () => {
  const label = fc.stringMatching(/^tenant-[a-z0-9]([a-z0-9-]{0,18}[a-z0-9])?$/);
  fc.assert(
    fc.property(fc.uniqueArray(label, { minLength: 2, maxLength: 20 }), fc.constantFrom(...things), (stages, thing) => {
      const names = stages.map((stage) => resourceName(APP, stage, "deliveries-dead-letters", thing));
      expect(names.every((name) => name.length <= NAME_LIMITS[thing] && /^[a-z][a-z0-9-]*[a-z0-9]$/.test(name))).toBe(
        true,
      );
      expect(new Set(names).size).toBe(names.length);
    }),
  );
});

/** The maximum length of a name that AWS allows for a type, and the input with the name. */
const LIMITED: readonly (readonly [type: string, input: string, limit: number])[] = [
  ["aws:elasticache/user:User", "userId", 40],
  ["aws:elasticache/userGroup:UserGroup", "userGroupId", 40],
  ["aws:elasticache/serverlessCache:ServerlessCache", "name", 40],
  ["aws:elasticache/replicationGroup:ReplicationGroup", "replicationGroupId", 40],
  ["aws:lambda/function:Function", "name", 64],
  ["aws:iam/role:Role", "name", 64],
  ["aws:sqs/queue:Queue", "name", 80],
  ["aws:s3/bucket:Bucket", "bucket", 63],
  ["aws:rds/cluster:Cluster", "clusterIdentifier", 63],
  ["aws:rds/cluster:Cluster", "finalSnapshotIdentifier", 63],
  ["aws:rds/clusterInstance:ClusterInstance", "identifier", 63],
  ["aws:sns/topic:Topic", "name", 256],
  ["aws:cloudwatch/metricAlarm:MetricAlarm", "name", 255],
  ["aws:cloudwatch/logDeliverySource:LogDeliverySource", "name", 60],
  ["aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", "name", 60],
  ["aws:scheduler/schedule:Schedule", "name", 64],
  ["aws:codedeploy/application:Application", "name", 100],
  ["aws:budgets/budget:Budget", "name", 100],
  ["aws:eks/cluster:Cluster", "name", 100],
  ["aws:wafv2/webAcl:WebAcl", "name", 128],
];

test("no evaluated resource has a name that is too long for its service, also for the longest stage name", () => {
  let checked = 0;
  for (const { variant, resources } of all)
    for (const [type, input, limit] of LIMITED)
      for (const resource of resources.filter((each) => each.type === type)) {
        const name = resource.inputs[input];
        if (typeof name !== "string") continue;
        checked += 1;
        expect(name.length, `${variant.id}: ${resource.name}.${input} ${name}`).toBeLessThanOrEqual(limit);
      }
  expect(checked).toBeGreaterThan(500);
  expect(all.some(({ variant }) => variant.stage.length === 27)).toBe(true);
});

test("IPv6 subnets are inside of their network, for any network, and do not overlap", () => {
  const bytes = fc.array(fc.nat(255), { minLength: 7, maxLength: 7 });
  fc.assert(
    fc.property(bytes, fc.nat(255), fc.nat(255), (first, one, other) => {
      const network = new ipaddr.IPv6([...first, ...Array.from({ length: 9 }, () => 0)]);
      const block = `${network.toString()}/56`;
      const [address, length] = ipaddr.parseCIDR(subnetOf(block, one));
      expect(length).toBe(64);
      expect(address instanceof ipaddr.IPv6 && address.match(network, 56)).toBe(true);
      expect(subnetOf(block, one) === subnetOf(block, other)).toBe(one === other);
    }),
  );
  // One VPC in 256 has zeros in the two digits before the subnet's digits. Such a block omits the whole group, so that
  // a simple replacement in the string fails.
  expect(subnetOf("2600:1f18:1234::/56", 3)).toBe("2600:1f18:1234:3::/64");
  expect(subnetOf("2600:1f18:1234:5600::/56", 2)).toBe("2600:1f18:1234:5602::/64");
  for (const wrong of ["10.0.0.0/16", "2600::/48", "nonsense"]) expect(() => subnetOf(wrong, 0)).toThrow(Error);
  expect(() => subnetOf("2600::/56", 256)).toThrow("no subnet 256");
});

test("a stage that serves people is rejected without an alarm recipient; other stages are accepted", () => {
  const silent = readDeployment({ MARKOV_API_URL: "https://markov.example.org" });
  const heard = readDeployment({ MARKOV_API_URL: "https://markov.example.org", GOTONG_ALARM_EMAIL: "o@example.org" });
  for (const name of ["production", "tenant-bandung"]) {
    expect(problemsOfDeployment(describeStage(name), silent)).toEqual([expect.stringContaining("GOTONG_ALARM_EMAIL")]);
    expect(problemsOfDeployment(describeStage(name), heard)).toEqual([]);
  }
  for (const name of ["dev", "staging", "wulan", "pr-1"])
    expect(problemsOfDeployment(describeStage(name), silent)).toEqual([]);
});
