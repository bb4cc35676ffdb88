import { cache, cacheNodes } from "./cache.ts";
import { databaseCluster } from "./database.ts";
import { type CloudWatchGraph, GRAPHS } from "./graphs.ts";
import { operatorNeeded } from "./operator-metric.ts";
import { queues } from "./queues.ts";
import { nameOf, region } from "./stage.ts";

type Metric = (string | $util.Output<string> | Readonly<Record<string, string>>)[];

const WIDTH = 12;
const HEIGHT = 6;
const WORKERS = ["deliveries", "breaker", "outcomes", "evidence", "sweep", "mail"] as const;

/**
 * The metrics of a graph with the resource names of this stage; empty if the stage lacks the resources that the graph
 * shows.
 */
const RESOLVED: Readonly<Record<CloudWatchGraph["of"], (metric: string) => Metric[]>> = {
  api: (metric) => [["AWS/Lambda", metric, "FunctionName", nameOf("api", "function")]],
  workers: (metric) => WORKERS.map((name) => ["AWS/Lambda", metric, "FunctionName", nameOf(name, "function")]),
  queues: (metric) => WORKERS.map((name) => ["AWS/SQS", metric, "QueueName", queues[name].nodes.queue.name]),
  deadQueues: (metric) =>
    [queues.dead, queues.deadDeliveries].map((queue) => ["AWS/SQS", metric, "QueueName", queue.nodes.queue.name]),
  operator: (reason) => {
    const { namespace, metricName } = operatorNeeded();
    return [[namespace, metricName, "reason", reason]];
  },
  cluster: (metric) =>
    databaseCluster ? [["AWS/RDS", metric, "DBClusterIdentifier", databaseCluster.clusterIdentifier]] : [],
  cacheNodes: (metric) =>
    cache instanceof sst.aws.Redis
      ? cacheNodes(cache).map((node) => ["AWS/ElastiCache", metric, "CacheClusterId", node])
      : [],
};

/** Creates a dashboard with two columns, of the same graphs that Grafana has for pods (graphs.ts). */
export function createDashboard(alarms: readonly aws.cloudwatch.MetricAlarm[]): aws.cloudwatch.Dashboard {
  const graphs = GRAPHS.flatMap(({ cloudWatch }) => {
    if (cloudWatch === undefined) return [];
    const { title, stat, of, metrics } = cloudWatch;
    const resolved = metrics.flatMap((metric) => RESOLVED[of](metric));
    return resolved.length > 0 ? [[title, stat, resolved] as const] : [];
  });
  const place = (index: number) => ({
    x: (index % 2) * WIDTH,
    y: Math.floor(index / 2) * HEIGHT,
    width: WIDTH,
    height: HEIGHT,
  });
  return new aws.cloudwatch.Dashboard("Dashboard", {
    dashboardName: nameOf("overview", "dashboard"),
    dashboardBody: $jsonStringify({
      widgets: [
        ...graphs.map(([title, stat, metrics], index) => ({
          type: "metric",
          ...place(index),
          properties: { title, stat, metrics, region, period: 60, view: "timeSeries" },
        })),
        {
          type: "alarm",
          ...place(graphs.length),
          properties: { title: "What rolls a release back", alarms: alarms.map((alarm) => alarm.arn) },
        },
      ],
    }),
  });
}
