import { createAlarm } from "./alarm.ts";
import { cache, cacheNodes } from "./cache.ts";
import { databaseCluster } from "./database.ts";
import { queues } from "./queues.ts";
import { UNTIL_MENDED, operatorNeeded } from "./operator-metric.ts";
import { nameOf } from "./stage.ts";

type Words = Parameters<typeof createAlarm>[1];
type Metric = Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "metricName" | "dimensions" | "statistic">;

/** Rings when the metric is above `threshold` in `minutes` minutes out of `minutes`. */
function above(name: string, words: Words, threshold: number, minutes: number, metric: Metric): void {
  createAlarm(name, words, {
    ...metric,
    period: 60,
    evaluationPeriods: minutes,
    comparisonOperator: "GreaterThanThreshold",
    threshold,
  });
}

/** What production watches beside the API's errors and the canary's alarms. */
export function watchEverything(): void {
  watchFunctions();
  watchQueues();
  watchMarkov();
  watchDatabase();
  if (cache instanceof sst.aws.Redis) watchCache(cache);
}

function watchFunctions(): void {
  const of = (name: string, metricName: string): Metric => ({
    namespace: "AWS/Lambda",
    metricName,
    dimensions: { FunctionName: nameOf(name, "function") },
    statistic: "Sum",
  });
  above(
    "ApiThrottles",
    { meaning: "Requests are turned away because too many run at once.", runbook: "api-throttles" },
    0,
    3,
    of("api", "Throttles"),
  );
  for (const worker of ["deliveries", "breaker", "outcomes", "evidence", "sweep", "mail"])
    above(
      `${capital(worker)}Errors`,
      { meaning: `The worker of ${worker} fails.`, runbook: "worker-errors" },
      0,
      5,
      of(worker, "Errors"),
    );
}

/** Seconds that the oldest message may wait; deliveries wait by design while Markov is down, so theirs is a day's warning. */
const OLDEST_SECONDS = { deliveries: 3600, outcomes: 900, evidence: 900, sweep: 900, mail: 900 } as const;

function watchQueues(): void {
  const of = (queue: sst.aws.Queue, metricName: string): Metric => ({
    namespace: "AWS/SQS",
    metricName,
    dimensions: { QueueName: queue.nodes.queue.name },
    statistic: "Maximum",
  });
  for (const name of ["deliveries", "outcomes", "evidence", "sweep", "mail"] as const) {
    above(
      `${capital(name)}Late`,
      { meaning: `The oldest message of ${name} waits too long.`, runbook: "queue-late" },
      OLDEST_SECONDS[name],
      5,
      of(queues[name], "ApproximateAgeOfOldestMessage"),
    );
  }
  // That of deliveries is one of the canary's alarms.
  above(
    "DeadLetters",
    { meaning: "A worker has given up messages.", runbook: "dead-letters" },
    0,
    1,
    of(queues.dead, "ApproximateNumberOfMessagesVisible"),
  );
}

/** Events that were given up are one of the canary's alarms. */
function watchMarkov(): void {
  createAlarm(
    "DeliveriesOurFault",
    { meaning: "Markov answers 401, 403 or 404: our secret or its address is wrong.", runbook: "deliveries-refused" },
    { ...operatorNeeded("our_fault"), ...UNTIL_MENDED },
  );
}

function watchDatabase(): void {
  if (!databaseCluster) return;
  const dimensions = { DBClusterIdentifier: databaseCluster.clusterIdentifier };
  const of = (metricName: string): Metric => ({ namespace: "AWS/RDS", metricName, dimensions, statistic: "Average" });
  above(
    "DatabaseBusy",
    { meaning: "The database is near its largest capacity.", runbook: "database-busy" },
    85,
    15,
    of("ACUUtilization"),
  );
  above(
    "DatabaseConnections",
    { meaning: "The database holds more sessions than functions can explain.", runbook: "database-connections" },
    400,
    10,
    of("DatabaseConnections"),
  );
  above(
    "DatabaseReplicaLag",
    { meaning: "The reader is behind the writer.", runbook: "database-busy" },
    1000,
    5,
    of("AuroraReplicaLagMaximum"),
  );
}

/** ElastiCache publishes by node: each alarm looks at the worst of them. */
function watchCache(redis: sst.aws.Redis): void {
  const worst = (name: string, words: Words, threshold: number, metricName: string) => {
    const nodes = cacheNodes(redis).map((CacheClusterId, index) => ({
      id: `node${index + 1}`,
      metric: {
        namespace: "AWS/ElastiCache",
        metricName,
        dimensions: { CacheClusterId },
        period: 60,
        stat: "Average",
      },
    }));
    const expression = `MAX([${nodes.map(({ id }) => id).join(",")}])`;
    createAlarm(name, words, {
      comparisonOperator: "GreaterThanThreshold",
      threshold,
      evaluationPeriods: 10,
      metricQueries: [{ id: "worst", expression, label: metricName, returnData: true }, ...nodes],
    });
  };
  worst(
    "CacheBusy",
    { meaning: "The processor of a cache node is near its limit.", runbook: "cache" },
    80,
    "EngineCPUUtilization",
  );
  worst(
    "CacheFull",
    { meaning: "The memory of a cache node is nearly full.", runbook: "cache" },
    85,
    "DatabaseMemoryUsagePercentage",
  );
}

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
