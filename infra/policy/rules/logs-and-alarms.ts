import { at, list, number, type Resource, text } from "../resource.ts";
import {
  each,
  missing,
  of,
  production,
  type Rule,
  type Scope,
  tenants,
  together,
  unlessAny,
  watchedStages,
} from "../rule.ts";
import { RETENTION_DAYS } from "../../retention.ts";
import { deadLetterQueues } from "./queues.ts";

const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
const ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
const BUDGET = "aws:budgets/budget:Budget";
const DASHBOARD = "aws:cloudwatch/dashboard:Dashboard";
const CACHE_NODES = "aws:elasticache/replicationGroup:ReplicationGroup";
const fully: Scope = { label: "stages with all alarms", includes: ({ stage }) => stage.alarms === "full" };
const budgeted: Scope = {
  label: "stages with a budget",
  includes: ({ stage }) => stage.monthlyBudgetUsd !== undefined,
};

/** Returns the metrics that an alarm watches, directly or in an expression. */
const metricsOf = (alarm: Resource): { name: string; dimensions: string[] }[] =>
  [alarm.inputs, ...list(alarm, "metricQueries").map((query) => at(query, "metric"))].map((metric) => ({
    name: text(metric, "metricName"),
    dimensions: Object.values(at(metric, "dimensions") ?? {}).map(String),
  }));

export const logsAndAlarms: readonly Rule[] = [
  each({
    id: "log-is-kept-as-promised",
    says: "Logs are kept as long as the table of stages says",
    source: "prowler cloudwatch_log_group_retention_policy_specific_days_enabled, infrastructure.md §2",
    types: [LOG_GROUP],
    passes: (group, { stage }) => number(group, "retentionInDays") === RETENTION_DAYS[stage.logRetention],
  }),
  each({
    id: "log-of-production-is-kept-a-year",
    says: "Production's logs are kept for a year",
    source: "checkov CKV_AWS_338",
    scope: production,
    types: [LOG_GROUP],
    passes: (group) => number(group, "retentionInDays") >= 365,
  }),
  each({
    id: "alarm-tells-somebody",
    says: "Every alarm tells somebody when it rings",
    source: "prowler cloudwatch_alarm_actions_alarm_state_configured",
    types: [ALARM],
    passes: (alarm) => list(alarm, "alarmActions").length > 0,
  }),
  each({
    id: "alarm-says-when-it-is-over",
    says: "Every alarm tells when it is over",
    source: "infrastructure.md §1",
    types: [ALARM],
    passes: (alarm) => list(alarm, "okActions").length > 0,
  }),
  each({
    id: "alarm-has-runbook",
    says: "Every alarm says what it means and where its runbook is",
    source: "infrastructure.md §1",
    types: [ALARM],
    passes: (alarm) => /\S+ .*Runbook: \S+\.md$/.test(text(alarm, "alarmDescription")),
  }),
  each({
    id: "alarm-stays-calm-at-night",
    says: "No alarm rings because there were no requests",
    source: "infrastructure.md §3",
    types: [ALARM],
    // An instance always reports its status, so missing data means that it is terminated.
    passes: (alarm) =>
      text(alarm, "treatMissingData") === (text(alarm, "namespace") === "AWS/EC2" ? "breaching" : "notBreaching"),
  }),
  together({
    id: "alarm-for-errors-of-api",
    says: "An alarm rings when the API answers with 5xx: an answer of 503 is no error to Lambda",
    source: "sst-notes §12 M3, infrastructure.md §2",
    scope: watchedStages,
    types: [ALARM],
    offenders: (resources) =>
      unlessAny(
        of(resources, ALARM).filter((alarm) => metricsOf(alarm).some(({ name }) => name === "Url5xxCount")),
        ALARM,
      ),
  }),
  together({
    id: "alarm-for-dead-letters",
    says: "An alarm rings for every queue of dead letters",
    source: "infrastructure.md §4",
    scope: watchedStages,
    types: [ALARM],
    offenders: (resources) => {
      const watched = of(resources, ALARM)
        .flatMap(metricsOf)
        .filter(({ name }) => name === "ApproximateNumberOfMessagesVisible")
        .flatMap(({ dimensions }) => dimensions);
      return deadLetterQueues(resources).filter((queue) => !watched.includes(text(queue, "name")));
    },
  }),
  together({
    id: "alarms-of-production-watch-every-part",
    says: "Alarms watch the API, the queues, the database and the cache",
    source: "sst-notes §12 M3 to M5",
    scope: fully,
    types: [ALARM],
    offenders: (resources) => {
      const watched = of(resources, ALARM).flatMap((alarm) => metricsOf(alarm).map(({ name }) => name));
      return [
        "Throttles",
        "Duration",
        "ApproximateAgeOfOldestMessage",
        "ACUUtilization",
        "DatabaseConnections",
        // Valkey Serverless has no CPU metric.
        ...(of(resources, CACHE_NODES).length > 0 ? ["EngineCPUUtilization"] : []),
      ]
        .filter((metric) => !watched.includes(metric))
        .map(() => missing(ALARM));
    },
  }),
  together({
    id: "alarms-of-tenant-are-few",
    says: "A tenant has four alarms at most over six metrics, and one for each machine: each metric costs ten cents a month",
    source: "sst-notes §8",
    scope: tenants,
    types: [ALARM],
    offenders: (resources) => {
      const alarms = of(resources, ALARM).filter((alarm) => text(alarm, "namespace") !== "AWS/EC2");
      const metrics = alarms.flatMap((alarm) => metricsOf(alarm).filter(({ name }) => name !== ""));
      return metrics.length > 6 ? alarms : alarms.slice(4);
    },
  }),
  together({
    id: "dashboard-exists",
    says: "There is a dashboard where somebody looks at it",
    source: "sst-notes §12 M4, infrastructure.md §2",
    scope: fully,
    types: [DASHBOARD],
    offenders: (resources) => unlessAny(of(resources, DASHBOARD), DASHBOARD),
  }),
  together({
    id: "budget-exists",
    says: "A budget watches what the stage costs",
    source: "sst-notes §12 M5, infrastructure.md §2",
    scope: budgeted,
    types: [BUDGET],
    offenders: (resources) => unlessAny(of(resources, BUDGET), BUDGET),
  }),
  each({
    id: "budget-is-of-this-stage",
    says: "A budget counts its own stage, and no more money than the table of stages says",
    source: "sst-notes §8, infrastructure.md §2",
    scope: budgeted,
    types: [BUDGET],
    passes: (budget, { stage }) =>
      number(budget, "limitAmount") <= (stage.monthlyBudgetUsd ?? 0) &&
      list(budget, "costFilters").some((filter) => list(filter, "values").includes(`user:sst:stage$${stage.name}`)),
  }),
  each({
    id: "provider-tags-what-it-makes",
    says: "Every provider tags what it makes with app and stage, which is how a budget counts it",
    source: "sst-notes §8",
    types: ["pulumi:providers:aws"],
    // SST's own providers get the tags `sst:app` and `sst:stage` from the configuration that `sst deploy` writes.
    passes: (provider) =>
      provider.name.startsWith("AwsProvider.sst.") ||
      ["sst:app", "sst:stage"].every((tag) => JSON.stringify(at(provider, "defaultTags") ?? "").includes(tag)),
  }),
  each({
    id: "budget-warns-before-and-after",
    says: "A budget warns of what was spent and of what will be",
    source: "infrastructure.md §4",
    types: [BUDGET],
    passes: (budget) =>
      ["ACTUAL", "FORECASTED"].every((kind) =>
        list(budget, "notifications").some((one) => text(one, "notificationType") === kind),
      ),
  }),
  each({
    id: "budget-tells-somebody",
    says: "A budget's warnings reach somebody",
    source: "infrastructure.md §4",
    types: [BUDGET],
    passes: (budget) =>
      list(budget, "notifications").every(
        (one) => list(one, "subscriberEmailAddresses").length + list(one, "subscriberSnsTopicArns").length > 0,
      ),
  }),
];
