import { cache, cacheNodes } from "./cache.ts";
import { databaseCluster } from "./database.ts";
import { operatorNeeded } from "./operator-metric.ts";
import { queues } from "./queues.ts";
import { nameOf, region } from "./stage.ts";

type Metric = (string | $util.Output<string> | Readonly<Record<string, string>>)[];

const WIDTH = 12;
const HEIGHT = 6;

/** Two columns of graphs: responses to members, backlogs, and load of the database and the cache. */
export function createDashboard(alarms: readonly aws.cloudwatch.MetricAlarm[]): aws.cloudwatch.Dashboard {
  const api = ["FunctionName", nameOf("api", "function")] as const;
  const workers = ["deliveries", "breaker", "outcomes", "evidence", "sweep", "mail"] as const;
  const cluster = databaseCluster?.clusterIdentifier;
  const graphs: [title: string, stat: string, metrics: Metric[]][] = [
    [
      "Requests and failures",
      "Sum",
      ["UrlRequestCount", "Url5xxCount", "Url4xxCount"].map((name) => ["AWS/Lambda", name, ...api]),
    ],
    ["Time to answer, ms", "p95", [["AWS/Lambda", "Duration", ...api]]],
    [
      "At once",
      "Maximum",
      [
        ["AWS/Lambda", "ConcurrentExecutions", ...api],
        ["AWS/Lambda", "Throttles", ...api],
      ],
    ],
    [
      "Errors of workers",
      "Sum",
      workers.map((name) => ["AWS/Lambda", "Errors", "FunctionName", nameOf(name, "function")]),
    ],
    [
      "Waiting",
      "Maximum",
      workers.map((name) => [
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "QueueName",
        queues[name].nodes.queue.name,
      ]),
    ],
    [
      "Age of the oldest, s",
      "Maximum",
      workers.map((name) => ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", queues[name].nodes.queue.name]),
    ],
    [
      "Dead-lettered",
      "Maximum",
      [queues.dead, queues.deadDeliveries].map((queue) => [
        "AWS/SQS",
        "ApproximateNumberOfMessagesVisible",
        "QueueName",
        queue.nodes.queue.name,
      ]),
    ],
    [
      "Calls for an operator",
      "Sum",
      (["dead", "our_fault"] as const).map((reason) => {
        const { namespace, metricName } = operatorNeeded();
        return [namespace, metricName, "reason", reason];
      }),
    ],
    ...(cluster
      ? ([
          [
            "Database capacity, ACU",
            "Average",
            [["AWS/RDS", "ServerlessDatabaseCapacity", "DBClusterIdentifier", cluster]],
          ],
          ["Database sessions", "Average", [["AWS/RDS", "DatabaseConnections", "DBClusterIdentifier", cluster]]],
        ] satisfies [string, string, Metric[]][])
      : []),
    ...(cache instanceof sst.aws.Redis
      ? ([
          [
            "Cache memory, percent",
            "Average",
            cacheNodes(cache).map((node) => [
              "AWS/ElastiCache",
              "DatabaseMemoryUsagePercentage",
              "CacheClusterId",
              node,
            ]),
          ],
        ] satisfies [string, string, Metric[]][])
      : []),
  ];
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
