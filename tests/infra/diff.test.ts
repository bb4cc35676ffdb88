import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type Change, compare, isLoss } from "../../infra/diff/compare.ts";
import { print } from "../../infra/diff/print.ts";
import { ROOT } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";

const resource = (
  type: string,
  name: string,
  inputs: object,
  options: Partial<Resource["options"]> = {},
): Resource => ({
  type,
  name,
  id: name,
  inputs: { ...inputs },
  outputs: {},
  options: { retainOnDelete: false, protect: false, ignoreChanges: [], dependencies: [], ...options },
});
const evaluation = (...resources: Resource[]): Evaluation => ({
  variant: { id: "production", stage: "production", variables: {}, isDev: false },
  resources,
  links: {},
  outputs: {},
  milliseconds: 0,
  cpuMilliseconds: 0,
});
const CLUSTER = "aws:rds/cluster:Cluster";
const database = (inputs: object, options?: Partial<Resource["options"]>) =>
  resource(CLUSTER, "Database", { engine: "aurora-postgresql", engineVersion: "17.4", ...inputs }, options);
const diff = (before: Resource[], after: Resource[]): Change[] => compare(evaluation(...before), evaluation(...after));
const short = (changes: readonly Change[]) => changes.map(({ kind, name }) => `${kind} ${name}`);

test("the diff of two evaluations of the same configuration is empty, whatever SST stores internally", () => {
  const component = resource("sst:aws:Aurora", "Database", {});
  expect(diff([database({}), component], [database({})])).toEqual([]);
  expect(print("production", [])).toBe("production: no difference\n");
});

test("the diff lists new, changed and removed resources, with the value of each property before and after", () => {
  const [alarm, topic] = ["aws:cloudwatch/metricAlarm:MetricAlarm", "aws:sns/topic:Topic"];
  const changes = diff(
    [resource(alarm, "Errors", { threshold: 1, tags: { a: "1" } }), resource(topic, "Old", {})],
    [resource(alarm, "Errors", { threshold: 2, period: 60, tags: { a: "1" } }), resource(topic, "New", {})],
  );
  expect(short(changes)).toEqual(["change Errors", "create New", "delete Old"]);
  expect(print("production", changes)).toMatchInlineSnapshot(`
    "production: 1 change, 1 create, 1 delete
      ~ change aws:cloudwatch/metricAlarm:MetricAlarm Errors
          period: (none) → 60
          threshold: 1 → 2
      + create aws:sns/topic:Topic New
      - delete aws:sns/topic:Topic Old
    "
  `);
});

test("the diff prints the replacement or deletion of a database in capitals and counts it as a loss", () => {
  const replaced = diff([database({ storageEncrypted: false })], [database({ storageEncrypted: true })]);
  expect(replaced.map(isLoss)).toEqual([true]);
  expect(print("production", replaced)).toContain(
    "± REPLACE AWS:RDS/CLUSTER:CLUSTER DATABASE: THE DATABASE WOULD BE LOST\n      storageEncrypted: false → true [replaces it]",
  );
  const deleted = diff([database({})], []);
  expect([short(deleted), deleted.map(isLoss)]).toEqual([["delete Database"], [true]]);
  expect(print("production", deleted)).toContain("- DELETE AWS:RDS/CLUSTER:CLUSTER DATABASE");
  // A changed logical name appears as a deletion and a creation.
  const renamed = diff([database({})], [{ ...database({}), name: "Data" }]);
  expect([short(renamed), renamed.map(isLoss)]).toEqual([
    ["create Data", "delete Database"],
    [false, true],
  ]);
});

test("an in-place change is not a loss, nor is the replacement of a resource that can be recreated", () => {
  const grown = diff([database({ backupRetentionPeriod: 7 })], [database({ backupRetentionPeriod: 35 })]);
  expect([short(grown), grown.some(isLoss)]).toEqual([["change Database"], false]);
  const role = "aws:iam/role:Role";
  const remade = diff([resource(role, "Api", { name: "a" })], [resource(role, "Api", { name: "b" })]);
  expect([short(remade), remade.some(isLoss)]).toEqual([["replace Api"], false]);
});

test("a change inside of lists and objects that forces a replacement is detected; for an unknown type it is reported as possible", () => {
  const cluster = "aws:eks/cluster:Cluster";
  const keys = (arn: string) => resource(cluster, "Pods", { encryptionConfig: { provider: { keyArn: arn } } });
  expect(short(diff([keys("a")], [keys("b")]))).toEqual(["replace Pods"]);
  const unknown = (name: string) => resource("aws:mq/broker:Broker", "Broker", { brokerName: name });
  const changes = diff([unknown("a")], [unknown("b")]);
  expect(short(changes)).toEqual(["may replace Broker"]);
  expect(print("production", changes)).toContain("brokerName: a → b [may replace it]");
});

test("the diff marks protected and retained resources, and ignores properties in ignoreChanges", () => {
  const kept = diff([database({}, { protect: true })], []);
  expect([kept.some(isLoss), print("production", kept)]).toEqual([
    false,
    expect.stringContaining("(protected: the deployment would refuse)"),
  ]);
  const left = diff([database({}, { retainOnDelete: true })], []);
  expect(print("production", left)).toContain("(the old one would stay behind, and nothing would use it)");
  const ignoring = { ignoreChanges: ["engineVersion"] };
  expect(
    diff([database({ engineVersion: "17.4" }, ignoring)], [database({ engineVersion: "17.5" }, ignoring)]),
  ).toEqual([]);
});

test("the diff compares policies, which are strings, by statement, and other long strings by hash", () => {
  const policy = (action: string) => ({ policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action: action }] }) });
  const type = "aws:sqs/queuePolicy:QueuePolicy";
  const [change] = diff([resource(type, "Q", policy("a"))], [resource(type, "Q", policy("b"))]);
  expect(change?.properties).toEqual([{ path: "policy.Statement[0].Action", before: "a", after: "b", forces: "no" }]);
  const code = (text: string) => resource("aws:cloudfront/function:Function", "F", { code: text.repeat(500) });
  const [edited] = diff([code("a")], [code("b")]);
  expect(edited?.properties[0]?.after).toMatch(/^\(500 characters, sha256 [0-9a-f]{12}\)$/);
});

test.each([
  [[], /usage: npm run infra -- diff/],
  [["no-such-ref"], /there is no commit "no-such-ref" here/],
  [["HEAD", "--stage", "moon"], /--stage must be one of production, staging/],
])("the diff command rejects the arguments %j with the reason", (args, reason) => {
  const main = join(ROOT, "infra/diff/main.ts");
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { encoding: "utf8" });
  expect([status, stderr]).toEqual([1, expect.stringMatching(reason)]);
});
