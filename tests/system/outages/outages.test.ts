import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { Random } from "@gotong/core/platform/random.ts";
import { usePlatform } from "../../harness/platform.ts";
import { type Ses, startSes } from "../../harness/ses.ts";
import { ROOT, evaluateAll } from "../../../infra/evaluate/evaluations.ts";
import type { Evaluation, Resource } from "../../../infra/evaluate/resource.ts";
import { type Datum, firesAfter } from "./cloudwatch.ts";
import { evaluateExpression } from "./expression.ts";
import { OUTAGES, type Outage, inject } from "./outages.ts";
import { MINUTES, type Trace, WORKERS, queueShape, simulate } from "./simulate.ts";

const platform = usePlatform({ workers: false });
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const STAGES = ["production", "staging", "tenant-bandung with mail", "tenant-bandung with a NAT instance"];
/** The columns of the table in the document: the first stages of {@link STAGES}, each with the name of its kind. */
const COLUMNS = ["production", "staging", "a tenant"];

let stages: readonly Evaluation[];
let ses: Ses;
beforeAll(async () => {
  ses = await startSes();
  Random.use({ fraction: () => 0.5, hex: (digits) => randomBytes(digits / 2).toString("hex") }); // no jitter, so that the generated document is the same each time
  const all = await evaluateAll();
  stages = STAGES.map((id) => all.find(({ variant }) => variant.id === id)).filter((stage) => stage !== undefined);
}, 600_000);
afterAll(() => {
  Random.use(undefined);
  return ses.stop();
});

const Dimensions = v.object({ InstanceId: v.string() });
const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
const queueOf = ({ resources }: Evaluation, name: string): Resource => {
  const found = resources.find((resource) => resource.name === `${capital(name)}QueueQueue`);
  if (!found) throw new Error(`there is no queue ${name}`);
  return found;
};

/**
 * Converts simulated metric values to those of one stage, with the names of its functions and queues. Uses the API's
 * alias if the stage has one.
 */
function dataOf(evaluation: Evaluation, traces: readonly Trace[]): Datum[] {
  const { stage } = evaluation.variant;
  const operatorNeeded = {
    namespace: `gotong-royong/${stage}`,
    metricName: "webhook_operator_needed_total",
    dimensions: {},
  };
  return traces.flatMap(({ minute, from, metricName, value }): Datum[] => {
    const datum = { minute, metricName, value };
    if ("function" in from) {
      const FunctionName = `gotong-royong-${stage}-${from.function}`;
      const sets = [{ FunctionName }, { FunctionName, Resource: `${FunctionName}:live` }];
      const published = sets.map((dimensions) => ({ ...datum, namespace: "AWS/Lambda", dimensions }));
      const isCounted = metricName === "Errors" && value > 0 && hasFailureFilter(evaluation, FunctionName);
      return isCounted ? [...published, { ...datum, ...operatorNeeded }] : published;
    }
    if ("queue" in from) {
      const QueueName = String(queueOf(evaluation, from.queue).outputs["name"]);
      return [{ ...datum, namespace: "AWS/SQS", dimensions: { QueueName } }];
    }
    if ("own" in from) return [{ ...datum, namespace: operatorNeeded.namespace, dimensions: from.own }];
    const alarm = evaluation.resources.find(({ name }) => name === "NatInstanceDown");
    if (!alarm) return [];
    return [{ ...datum, namespace: "AWS/EC2", dimensions: v.parse(Dimensions, alarm.inputs["dimensions"]) }];
  });
}

/** Whether a metric filter counts the failed invocations of a function. */
const hasFailureFilter = ({ resources }: Evaluation, functionName: string) =>
  resources.some(
    ({ type, inputs }) => type.endsWith(":LogMetricFilter") && inputs["logGroupName"] === `/aws/lambda/${functionName}`,
  );

/** The alarms that go off in an outage, in order of time, each with its minute. */
function firing(evaluation: Evaluation, traces: readonly Trace[]): { readonly name: string; readonly after: number }[] {
  const data = dataOf(evaluation, traces);
  return evaluation.resources
    .filter(({ type }) => type === ALARM)
    .flatMap((alarm) => {
      const after = firesAfter(alarm, data, MINUTES);
      return after === undefined ? [] : [{ name: alarm.name, after }];
    })
    .toSorted((a, b) => a.after - b.after);
}

async function run(outage: Outage): Promise<readonly Trace[]> {
  const [any] = stages;
  if (!any) throw new Error("nothing was evaluated");
  const shapes = Object.fromEntries(WORKERS.map((worker) => [worker, queueShape(queueOf(any, worker))] as const));
  const { scene, heal } = await inject(outage, platform, ses);
  try {
    return await simulate(scene, { ...emptyShapes, ...shapes });
  } finally {
    await heal();
  }
}
const unknown = { visibilitySeconds: 0, mostReceives: 0, isFifo: false };
const emptyShapes = { deliveries: unknown, outcomes: unknown, evidence: unknown, sweep: unknown, mail: unknown };

const INTRODUCTION = `# Which alarm fires in which outage, and when

Written by \`tests/system/outages/outages.test.ts\`; \`npm test -- tests/system/outages --update\` writes it anew. Each outage is put into the embedded stack and runs
through the real handlers of the API and the workers, on a quiet night: a request every four minutes, reads and acts in turn, and a
message in each queue every thirty. What they answer, throw, retry and log becomes the metrics that AWS would publish, and the alarms of
each evaluated stage are computed over them. A cell names the alarms in the order in which they fire, with the minutes from the
beginning of the outage until then. Delays of the metrics are in them: 2 minutes, and 15 for sizes and ages of queues, which is the
longest that SQS takes for a queue that was idle. The mail about an alarm arrives slightly later. Stages of developers have no alarms.

CloudWatch's age of the oldest message omits messages that were received three times. So workers themselves count messages that still fail
after a quarter of an hour (deliveries: after an hour), small stages count failed invocations by a metric filter on their logs, and the alarms
on ages are for workers that are not called at all.

`;

test("each outage sets off an alarm on every stage with alarms, and normal operation sets off none", async () => {
  const wrong: string[] = [];
  const rows: string[] = [];
  for (const outage of OUTAGES) {
    const traces = await run(outage);
    const cells = stages.map((stage) => {
      const missing = missingFrom(stage, outage);
      if (missing !== undefined) return missing;
      const fired = firing(stage, traces);
      if (fired.length > 0 === (outage.isHarmless ?? false)) wrong.push(`${stage.variant.id}: ${outage.what}`);
      return fired.length === 0 ? "–" : fired.map(({ name, after }) => `${name} ${after}`).join(", ");
    });
    rows.push(`| ${[outage.what, ...cells.slice(0, COLUMNS.length)].join(" | ")} |`);
  }
  expect(wrong).toEqual([]);
  const head = [`| outage | ${COLUMNS.join(" | ")} |`, `| --- |${" --- |".repeat(COLUMNS.length)}`];
  await expect(`${INTRODUCTION}${[...head, ...rows].join("\n")}\n`).toMatchFileSnapshot(
    join(ROOT, "docs", "outages.md"),
  );
}, 600_000);

/**
 * Returns the reason why an outage cannot occur on a stage, such as a missing NAT instance; undefined if it can occur.
 */
function missingFrom({ resources }: Evaluation, outage: Outage): string | undefined {
  const has = (name: string) => resources.some((resource) => resource.name === name);
  if (outage.isMachineDown && !has("NatInstanceDown")) return "has no NAT instance";
  const isMailOn = resources.some(({ name, inputs }) => name === "MailTrigger" && inputs["enabled"] === true);
  return outage.isAboutMail && !isMailOn ? "sends no mail" : undefined;
}

test("metric maths of alarms is computed as CloudWatch does", () => {
  const rate = "IF(requests >= 20 OR 2 * FILL(failures, 0) >= requests, 100 * FILL(failures, 0) / requests, 0)";
  const of = (failures: number | undefined, requests: number | undefined) =>
    evaluateExpression(rate, { failures, requests });
  expect([of(1, 100), of(2, 2), of(1, 3), of(undefined, 5), of(1, undefined)]).toEqual([1, 100, 0, 0, undefined]);
  expect(evaluateExpression("MAX([100 * FILL(a, 0) / 600, b])", { a: 300, b: undefined })).toBe(50);
  expect(evaluateExpression("SUM([a,b])", { a: undefined, b: undefined })).toBeUndefined();
  expect(() => evaluateExpression("RATE(a)", { a: 1 })).toThrow("not known");
});
