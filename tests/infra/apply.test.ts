import { beforeAll, expect, test } from "vitest";
import { type Result, applyCalls } from "../../infra/apply/apply.ts";
import { faultsOf } from "../../infra/apply/gaps.ts";
import { ensureMoto, startMoto } from "../../infra/apply/moto.ts";
import { callsOf, inOrder, translate } from "../../infra/apply/translate.ts";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";

// `npm run infra -- apply` applies whole stages to an emulator of AWS. These tests show that it covers all resources
// and detects faults.
let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const of = (id: string): Evaluation => {
  const found = all.find(({ variant }) => variant.id === id);
  if (!found) throw new Error(`there is no variant ${id}`);
  return found;
};
/**
 * Returns a stage with only its data buckets, since other buckets would change the places of these buckets in the two
 * orders of creation.
 */
const buckets = (evaluation: Evaluation): Evaluation => ({
  ...evaluation,
  resources: evaluation.resources.filter(
    ({ type, name }) => type.startsWith("aws:s3/") && !type.includes("Object") && !name.startsWith("App"),
  ),
});
const without = (evaluation: Evaluation, name: string, edge: string): Evaluation => ({
  ...evaluation,
  resources: evaluation.resources.map((resource) =>
    resource.name === name
      ? {
          ...resource,
          options: { ...resource.options, dependencies: resource.options.dependencies.filter((each) => each !== edge) },
        }
      : resource,
  ),
});

test("every resource of every stage is translated into AWS API calls, or is listed with the reason why it needs none", () => {
  const silent = new Map<string, string>();
  for (const { resources } of all)
    for (const resource of resources) {
      const calls = translate(resource);
      if ("none" in calls) silent.set(resource.type, calls.none);
      else expect(calls.length, `${resource.type} ${resource.name}`).toBeGreaterThan(0);
    }
  expect([...silent.keys()].filter((type) => type.startsWith("aws:"))).toEqual([
    "aws:acm/certificateValidation:CertificateValidation",
  ]);
});

test("callsOf() gives each AWS API call of a stage its own id", () => {
  for (const evaluation of all) {
    const ids = callsOf(evaluation).map(({ id }) => id);
    expect(new Set(ids).size, evaluation.variant.id).toBe(ids.length);
  }
});

test("both orders of creation create each resource after its dependencies, and the two orders differ", () => {
  const { resources } = of("tenant-bandung");
  const orders = (["first", "last"] as const).map((order) => inOrder(resources, order));
  for (const order of orders) {
    const position = new Map(order.map((resource, index) => [resource, index]));
    for (const resource of order)
      for (const needed of order)
        if (resource.options.dependencies.includes(needed.name) && needed !== resource)
          expect(position.get(needed)).toBeLessThan(position.get(resource) ?? -1);
  }
  expect(orders[0]?.map(({ name }) => name)).not.toEqual(orders[1]?.map(({ name }) => name));
});

test("a dependency cycle is reported with the names of its resources", () => {
  const [first, second] = of("tenant-bandung").resources;
  if (!first || !second) throw new Error("nothing was evaluated");
  const waiting = [
    { ...first, name: "A", options: { ...first.options, dependencies: ["B"] } },
    { ...second, name: "B", options: { ...second.options, dependencies: ["A"] } },
  ];
  expect(() => inOrder(waiting, "first")).toThrow("these wait for each other: A, B");
});

test("the apply run fails when a call unexpectedly fails on moto, and when a call listed as a gap of moto succeeds", () => {
  const result = (id: string, status: Result["status"]): Result => ({ id, status, message: "no" });
  const queue = "aws:sqs/queue:Queue DeadQueueQueue CreateQueue";
  const policy = "aws:cloudfront/cachePolicy:CachePolicy RouterServerCachePolicy CreateCachePolicy";
  expect(faultsOf([result(queue, "applied"), result(policy, "missing")])).toEqual([]);
  expect(faultsOf([result(queue, "missing")])).toHaveLength(1);
  expect(faultsOf([result(policy, "applied")])).toHaveLength(1);
  // A known gap of moto does not excuse a call that AWS's own model rejects.
  expect(faultsOf([result(policy, "invalid")])).toHaveLength(1);
});

test("AWS's models accept every API call of every stage and variant", async (context) => {
  const missing = await ensureMoto();
  if (missing !== undefined) context.skip(missing);
  const results = (await applyCalls(all.filter(({ variant }) => !variant.isDev).map((each) => callsOf(each)))).flat();
  expect(results.length).toBeGreaterThan(3500);
  expect(
    results.flatMap(({ id, status, message }) => (status === "invalid" ? [`${id}: ${message ?? ""}`] : [])),
  ).toEqual([]);
});

test("AWS's models reject a wrong parameter name, a wrong value and an unknown parameter", async (context) => {
  const missing = await ensureMoto();
  if (missing !== undefined) context.skip(missing);
  const worker = callsOf(of("tenant-bandung")).find(({ id }) => id.endsWith("DeliveriesWorkerFunction CreateFunction"));
  if (!worker) throw new Error("there is no worker of deliveries");
  const wrong = [{ memorySize: "much" }, { architectures: ["arm"] }, { timeout: 0 }, { memory: 512 }];
  const [results = []] = await applyCalls([
    wrong.map((params) => ({ ...worker, params: { ...worker.params, ...params } })),
  ]);
  expect(results.map(({ status }) => status)).toEqual(wrong.map(() => "invalid"));
});

test("bucket logging that does not depend on the policy of its target bucket fails in one of the two creation orders", async (context) => {
  const missing = await ensureMoto();
  if (missing !== undefined) context.skip(missing);
  const moto = await startMoto();
  try {
    const stage = buckets(of("tenant-bandung"));
    const cut = without(stage, "EvidenceLogging", "AccessLogsPolicy");
    const [good = [], first = [], last = []] = await applyCalls(
      [callsOf(stage, "last"), callsOf(cut, "first"), callsOf(cut, "last")],
      moto.endpoint,
    );
    const refusedOf = (results: readonly Result[]) => results.filter(({ status }) => status === "refused");
    expect(refusedOf(good)).toEqual([]);
    const refused = [...refusedOf(first), ...refusedOf(last)];
    expect(refused.map(({ id }) => id)).toEqual([
      "aws:s3/bucketLogging:BucketLogging EvidenceLogging PutBucketLogging",
    ]);
    expect(refused[0]?.message).toContain("InvalidTargetBucketForLogging");
  } finally {
    await moto.stop();
  }
});
