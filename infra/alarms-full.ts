import { createAlarm } from "./alarm.ts";
import { cache, cacheNodes } from "./cache.ts";
import { databaseCluster } from "./database.ts";
import { UNTIL_MENDED, operatorNeeded } from "./operator-metric.ts";
import { OLDEST_SECONDS, WATCHED_QUEUES, ageOfOldest } from "./queue-age.ts";
import { queues } from "./queues.ts";
import { nameOf, stage } from "./stage.ts";
import { sessionsOf } from "./stage-shape.ts";

type Words = Parameters<typeof createAlarm>[1];
type Metric = Pick<aws.cloudwatch.MetricAlarmArgs, "namespace" | "metricName" | "dimensions" | "statistic">;

/** Creates an alarm that fires after the metric was above `threshold` in each of `minutes` consecutive minutes. */
function above(name: string, words: Words, threshold: number, minutes: number, metric: Metric): void {
  createAlarm(name, words, {
    ...metric,
    period: 60,
    evaluationPeriods: minutes,
    comparisonOperator: "GreaterThanThreshold",
    threshold,
  });
}

/** Creates the alarms of production, in addition to those for the API's failures and the canary. */
export function watchEverything(): void {
  watchFunctions();
  watchQueues();
  watchOperatorMetric();
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
    { meaning: "Requests are refused because too many run at once.", runbook: "api-throttles" },
    0,
    3,
    of("api", "Throttles"),
  );
  // SQS retries a message of a worker that fails to start only after six function timeouts, so the errors are minutes
  // apart.
  for (const worker of ["deliveries", "breaker", "outcomes", "evidence", "sweep", "mail"])
    createAlarm(
      `${capital(worker)}Errors`,
      { meaning: `The ${worker} worker fails.`, runbook: "worker-errors" },
      {
        ...of(worker, "Errors"),
        period: 300,
        evaluationPeriods: 6,
        datapointsToAlarm: 2,
        comparisonOperator: "GreaterThanThreshold",
        threshold: 0,
      },
    );
}

function watchQueues(): void {
  for (const name of WATCHED_QUEUES) {
    const { namespace, metricName, dimensions, period, stat } = ageOfOldest(name, 60).metric;
    createAlarm(
      `${capital(name)}Late`,
      { meaning: `The oldest message of ${name} waits longer than it may.`, runbook: "queue-late" },
      {
        namespace,
        metricName,
        dimensions,
        period,
        statistic: stat,
        evaluationPeriods: 5,
        datapointsToAlarm: 2,
        comparisonOperator: "GreaterThanThreshold",
        threshold: OLDEST_SECONDS[name],
      },
    );
  }
  for (const [name, queue] of [
    ["DeadLetters", queues.dead],
    ["DeliveriesDeadLetters", queues.deadDeliveries],
  ] as const)
    above(name, { meaning: "A dead-letter queue has messages.", runbook: "dead-letters" }, 0, 1, {
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queue.nodes.queue.name },
      statistic: "Maximum",
    });
}

/** The alarm for dead events is not here: it is one of the canary's alarms. */
function watchOperatorMetric(): void {
  createAlarm(
    "DeliveriesOurFault",
    { meaning: "Markov answers 401, 403 or 404: our secret or its address is wrong.", runbook: "deliveries-refused" },
    { ...operatorNeeded("our_fault"), ...UNTIL_MENDED },
  );
  createAlarm(
    "MessagesStuck",
    { meaning: "A worker has failed at a message for too long.", runbook: "operator-needed" },
    { ...operatorNeeded("stuck"), ...UNTIL_MENDED },
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
    { meaning: "The database has more sessions than the functions can explain.", runbook: "database-connections" },
    sessionsOf(stage),
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

/** Creates alarms on the node with the worst value, since ElastiCache publishes its metrics by node. */
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
