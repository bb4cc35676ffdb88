import { alarmTopic, createAlarm } from "./alarm.ts";
import { watchEverything } from "./alarms-full.ts";
import { canaryAlarms } from "./canary-alarms.ts";
import { createDashboard } from "./dashboard.ts";
import { natInstance } from "./network.ts";
import { UNTIL_MENDED, operatorNeeded } from "./operator-metric.ts";
import { queues } from "./queues.ts";
import { deployment, nameOf, stage } from "./stage.ts";

if (stage.alarms !== "none") {
  createAlarm(
    "ApiErrors",
    { meaning: "The API's function fails: crashes, timeouts, or no memory.", runbook: "api-failures" },
    {
      namespace: "AWS/Lambda",
      metricName: "Errors",
      dimensions: { FunctionName: nameOf("api", "function") },
      statistic: "Sum",
      period: 300,
      evaluationPeriods: 1,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
    },
  );
  if (natInstance) watchNatInstance(natInstance.instance);
  if (stage.alarms !== "full") {
    watchDeadLettersTogether();
    // One metric for both reasons: a second one would cost a tenant ten cents more.
    createAlarm(
      "DeliveriesRefused",
      {
        meaning: "Markov refuses events, or our secret or its address is wrong; or 72 hours were over for an event.",
        runbook: "deliveries-refused",
      },
      { ...operatorNeeded(), ...UNTIL_MENDED },
    );
  }
}
if (stage.alarms === "full") watchEverything();

/** Undefined where nobody would look at one. */
export const dashboard = stage.alarms === "full" ? createDashboard(canaryAlarms) : undefined;

if (stage.monthlyBudgetUsd !== undefined) createBudget(stage.monthlyBudgetUsd);

/** Without it nothing in the VPC reaches SQS, Markov or SES over IPv4, and it is one instance in one zone. */
function watchNatInstance(instance: aws.ec2.Instance): void {
  createAlarm(
    "NatInstanceDown",
    { meaning: "The NAT instance fails its status checks.", runbook: "nat-instance" },
    {
      namespace: "AWS/EC2",
      metricName: "StatusCheckFailed",
      dimensions: { InstanceId: instance.id },
      statistic: "Maximum",
      period: 60,
      evaluationPeriods: 5,
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      // An instance that is gone reports nothing.
      treatMissingData: "breaching",
    },
  );
}

/** One alarm over all dead-letter queues: CloudWatch bills each metric, the reader reads one message. */
function watchDeadLettersTogether(): void {
  const dead = Object.entries({ dead: queues.dead, deadDeliveries: queues.deadDeliveries }).map(([id, queue]) => ({
    id,
    metric: {
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: queue.nodes.queue.name },
      period: 300,
      stat: "Maximum",
    },
  }));
  createAlarm(
    "DeadLetters",
    { meaning: "Messages were given up.", runbook: "dead-letters" },
    {
      comparisonOperator: "GreaterThanThreshold",
      threshold: 0,
      evaluationPeriods: 1,
      metricQueries: [
        {
          id: "all",
          expression: `SUM([${dead.map(({ id }) => id).join(",")}])`,
          label: "dead letters",
          returnData: true,
        },
        ...dead,
      ],
    },
  );
}

/** SST tags everything with its stage; the tag has to be activated once for cost allocation. */
function createBudget(dollars: number): void {
  const to =
    deployment.alarmEmail === undefined
      ? { subscriberSnsTopicArns: alarmTopic ? [alarmTopic.arn] : [] }
      : { subscriberEmailAddresses: [deployment.alarmEmail] };
  const warn = (notificationType: string, threshold: number) => ({
    comparisonOperator: "GREATER_THAN",
    notificationType,
    threshold,
    thresholdType: "PERCENTAGE",
    ...to,
  });
  new aws.budgets.Budget("Budget", {
    name: nameOf("monthly", "budget"),
    budgetType: "COST",
    timeUnit: "MONTHLY",
    limitAmount: String(dollars),
    limitUnit: "USD",
    costFilters: [{ name: "TagKeyValue", values: [`user:sst:stage$${$app.stage}`] }],
    notifications: [warn("ACTUAL", 80), warn("FORECASTED", 100)],
  });
}
