import { beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { DEFINITIONS } from "@gotong/core/platform/metrics/definitions.ts";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

/**
 * Metrics that AWS publishes, each with its sets of dimensions. A metric with any other set of dimensions never gets
 * data.
 */
const PUBLISHED: Readonly<
  Record<string, { readonly source: string; readonly metrics: string; readonly dimensions: readonly string[] }>
> = {
  "AWS/Lambda": {
    source: "Lambda Developer Guide, Types of metrics for Lambda functions; Monitoring Lambda function URLs",
    metrics: "Errors Throttles Duration Invocations ConcurrentExecutions UrlRequestCount Url4xxCount Url5xxCount",
    dimensions: ["FunctionName", "FunctionName Resource"],
  },
  "AWS/SQS": {
    source: "SQS Developer Guide, Available CloudWatch metrics",
    metrics: "ApproximateNumberOfMessagesVisible ApproximateAgeOfOldestMessage NumberOfMessagesSent",
    dimensions: ["QueueName"],
  },
  "AWS/RDS": {
    source: "Aurora User Guide, CloudWatch metrics for Aurora",
    metrics: "ACUUtilization ServerlessDatabaseCapacity DatabaseConnections AuroraReplicaLagMaximum",
    dimensions: ["DBClusterIdentifier", "DBInstanceIdentifier", "DBClusterIdentifier Role"],
  },
  "AWS/ElastiCache": {
    source: "ElastiCache User Guide, Metrics for Valkey and Redis OSS",
    metrics: "EngineCPUUtilization DatabaseMemoryUsagePercentage Evictions CurrConnections",
    dimensions: ["CacheClusterId", "CacheClusterId CacheNodeId"],
  },
  "AWS/EC2": {
    source: "EC2 User Guide, Status checks metrics",
    metrics: "StatusCheckFailed StatusCheckFailed_Instance StatusCheckFailed_System",
    dimensions: ["InstanceId"],
  },
};
/**
 * Metrics that functions publish through their logs: the alarmed metrics, in total and by label (tests in core check
 * that there are no others).
 */
const ALARMED = Object.entries(DEFINITIONS).filter(([, definition]) => "isAlarmed" in definition);
const OWN = {
  metrics: ALARMED.map(([name]) => name).join(" "),
  dimensions: ["", ...ALARMED.map(([, { labels }]) => labels.join(" "))],
};

const Metric = v.object({
  namespace: v.string(),
  metricName: v.string(),
  dimensions: v.optional(v.record(v.string(), v.unknown()), {}),
});
type Metric = v.InferOutput<typeof Metric>;
const Queries = v.array(v.looseObject({ metric: v.optional(Metric) }));
const Body = v.object({
  widgets: v.array(
    v.looseObject({ properties: v.looseObject({ metrics: v.optional(v.array(v.array(v.unknown()))) }) }),
  ),
});

/** Parses a row of a graph: namespace, name, names and values of dimensions, and optionally rendering options. */
function metricOfRow(row: readonly unknown[]): Metric {
  const words = row.filter((word) => typeof word === "string");
  const [namespace = "", metricName = "", ...pairs] = words;
  const dimensions = Object.fromEntries(
    pairs.flatMap((word, index) => (index % 2 === 0 ? [[word, pairs[index + 1]]] : [])),
  );
  return { namespace, metricName, dimensions };
}

/** Returns every metric that an alarm or a graph of the stage uses. */
function metricsOf({ resources }: Evaluation): { readonly where: string; readonly metric: Metric }[] {
  return resources.flatMap(({ type, name, inputs }) => {
    if (type === "aws:cloudwatch/dashboard:Dashboard") {
      const { widgets } = v.parse(v.pipe(v.string(), v.parseJson(), Body), inputs["dashboardBody"]);
      return widgets.flatMap(({ properties }) =>
        (properties.metrics ?? []).map((row) => ({ where: name, metric: metricOfRow(row) })),
      );
    }
    if (type !== "aws:cloudwatch/metricAlarm:MetricAlarm") return [];
    const queries = v.parse(Queries, inputs["metricQueries"] ?? []);
    const own = v.safeParse(Metric, inputs);
    const found = [...(own.success ? [own.output] : []), ...queries.flatMap(({ metric }) => metric ?? [])];
    return found.map((metric) => ({ where: name, metric }));
  });
}

const isPublished = ({ namespace, metricName, dimensions }: Metric) => {
  const known = namespace.startsWith("gotong-royong/") ? OWN : PUBLISHED[namespace];
  const set = Object.keys(dimensions).toSorted().join(" ");
  return known !== undefined && known.metrics.split(" ").includes(metricName) && known.dimensions.includes(set);
};

test("every alarm and graph uses a published metric, with a set of dimensions with which that metric is published", () => {
  const found = all.flatMap((evaluation) =>
    metricsOf(evaluation).map((each) => ({ ...each, id: evaluation.variant.id })),
  );
  const silent = found.filter(({ metric }) => !isPublished(metric));
  expect(silent.map(({ id, where, metric }) => `${id} ${where}: ${JSON.stringify(metric)}`)).toEqual([]);
  expect(found.length).toBeGreaterThan(200);
});

test("every metric that functions publish is used by an alarm or a graph, with and without its label, since unused metrics cost money", () => {
  const read = new Set(
    all
      .flatMap(metricsOf)
      .filter(({ metric }) => metric.namespace.startsWith("gotong-royong/"))
      .map(({ metric }) => `${metric.metricName} ${Object.keys(metric.dimensions).join(" ")}`),
  );
  const published = ALARMED.flatMap(([name, { labels }]) => [`${name} `, `${name} ${labels.join(" ")}`]);
  expect([...read].toSorted()).toEqual(published.toSorted());
});

test("an alarm on a whole replication group, and an alarm on a misspelt metric, are detected", () => {
  const of = (metricName: string, dimensions: Record<string, string>) => ({
    namespace: "AWS/ElastiCache",
    metricName,
    dimensions,
  });
  expect(isPublished(of("EngineCPUUtilization", { CacheClusterId: "c-001" }))).toBe(true);
  expect(isPublished(of("EngineCPUUtilization", { ReplicationGroupId: "c" }))).toBe(false);
  expect(isPublished(of("EngineCpuUtilization", { CacheClusterId: "c-001" }))).toBe(false);
});
