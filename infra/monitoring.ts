import { alarmTopic, createAlarm } from "./alarm.ts";
import { watchEverything } from "./alarms-full.ts";
import { watchSmallStage } from "./alarms-small.ts";
import { watchApi } from "./api-alarms.ts";
import { canaryAlarms } from "./canary-alarms.ts";
import { createDashboard } from "./dashboard.ts";
import { natInstance } from "./network.ts";
import { deployment, nameOf, stage } from "./stage.ts";

if (stage.alarms !== "none") {
  watchApi();
  if (natInstance) watchNatInstance(natInstance.instance);
  if (stage.alarms === "full") watchEverything();
  else watchSmallStage();
}

/** The CloudWatch dashboard; undefined on stages without one, since it costs $3 a month. */
export const dashboard = stage.alarms === "full" ? createDashboard(canaryAlarms) : undefined;

if (stage.monthlyBudgetUsd !== undefined) createBudget(stage.monthlyBudgetUsd);

/** Creates an alarm on the NAT instance, the single instance through which functions in the VPC reach SQS and Markov. */
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
      // A terminated instance reports no metrics, so missing data fires the alarm.
      treatMissingData: "breaching",
    },
  );
}

/**
 * Creates a budget for the stage. SST tags all resources with their stage; an operator must activate this tag once
 * for cost allocation.
 */
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
