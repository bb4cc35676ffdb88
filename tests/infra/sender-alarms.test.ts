import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import * as v from "valibot";
import { Delivery } from "@gotong/core/webhook/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { bottomless, outcomeOf } from "../harness/queue.ts";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

beforeEach(() => Queue.use(bottomless));
afterEach(() => {
  Queue.use(undefined);
  Metrics.reset();
});

const Emf = v.looseObject({
  _aws: v.object({
    CloudWatchMetrics: v.tuple([
      v.object({
        Namespace: v.string(),
        Dimensions: v.array(v.array(v.string())),
        Metrics: v.array(v.object({ Name: v.string() })),
      }),
    ]),
  }),
});
const id = (namespace: unknown, name: unknown, dimensions: unknown) =>
  JSON.stringify([namespace, name, dimensions ?? {}]);

/** Returns the metrics that CloudWatch extracts from a function's log after the function has reported one attempt. */
async function metricsAfter(service: string, stage: string, result: "retrying" | "dead", status: number | null) {
  const lines: string[] = [];
  const { service: formerService, stage: formerStage } = { ...Log.origin() };
  const restoreLog = Log.to((line) => void lines.push(line));
  Metrics.reset();
  Metrics.forLambda();
  Log.identify(service, stage);
  await Delivery.sendOutcome(outcomeOf("evt_0123456789abcdef", result, status), 1);
  Metrics.flush();
  restoreLog();
  Log.identify(formerService, formerStage);
  return lines.flatMap((line) => {
    const values: Record<string, unknown> = JSON.parse(line);
    if (!v.is(Emf, values)) return [];
    const [{ Namespace, Dimensions, Metrics: published }] = values["_aws"].CloudWatchMetrics;
    return published.flatMap(({ Name }) =>
      Dimensions.map((names) => id(Namespace, Name, Object.fromEntries(names.map((name) => [name, values[name]])))),
    );
  });
}

/** Returns the alarms that fire when one of these metrics is above zero once. */
const ringing = ({ resources }: Evaluation, metrics: readonly string[]) =>
  resources.flatMap(({ type, name, inputs }) =>
    type === "aws:cloudwatch/metricAlarm:MetricAlarm" &&
    metrics.includes(id(inputs["namespace"], inputs["metricName"], inputs["dimensions"])) &&
    inputs["statistic"] === "Sum" &&
    inputs["threshold"] === 0 &&
    inputs["datapointsToAlarm"] === 1
      ? [name]
      : [],
  );

const watched = () => all.filter(({ variant }) => /^(production|staging|tenant-)/.test(variant.stage));

test("a dead-lettered event fires one alarm on every stage with alarms, whatever the last response of Markov was", async () => {
  expect(watched().length).toBeGreaterThan(8);
  for (const evaluation of watched())
    for (const status of [400, 413, 422, 401, 500, null]) {
      const { stage } = evaluation.variant;
      const rings = ringing(evaluation, await metricsAfter("deliveries", stage, "dead", status));
      expect(rings, `${evaluation.variant.id} ${status}`).toEqual([
        stage === "production" ? "DeliveriesDead" : "OperatorNeeded",
      ]);
    }
});

test("a rejected secret or address fires an alarm on every stage with alarms, also while the circuit breaker only sends probes", async () => {
  for (const evaluation of watched())
    for (const service of ["deliveries", "breaker"])
      for (const status of [401, 403, 404]) {
        const { stage } = evaluation.variant;
        const rings = ringing(evaluation, await metricsAfter(service, stage, "retrying", status));
        expect(rings, `${evaluation.variant.id} ${service} ${status}`).toEqual([
          stage === "production" ? "DeliveriesOurFault" : "OperatorNeeded",
        ]);
      }
});

test("failed deliveries that retries resolve fire no alarm", async () => {
  for (const evaluation of watched())
    for (const status of [429, 503, null])
      expect(
        ringing(evaluation, await metricsAfter("deliveries", evaluation.variant.stage, "retrying", status)),
      ).toEqual([]);
});

test("an alarm on a wrong webhook secret does not return to OK between two attempts an hour apart", () => {
  const lasting = watched().flatMap(({ resources }) =>
    resources.filter(({ name }) => name === "DeliveriesOurFault" || name === "OperatorNeeded"),
  );
  expect(lasting).toHaveLength(watched().length);
  for (const { inputs } of lasting)
    expect(Number(inputs["period"]) * Number(inputs["evaluationPeriods"])).toBeGreaterThan(3600);
});
