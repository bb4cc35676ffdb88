import { at, list, number, text } from "../resource.ts";
import { each, missing, never, of, type Rule, type Scope, sleepers, together } from "../rule.ts";

const SCHEDULE = "aws:scheduler/schedule:Schedule";
const GROUP = "aws:codedeploy/deploymentGroup:DeploymentGroup";
const canaries: Scope = { label: "stages with a canary", includes: ({ stage }) => stage.api.hasCanary };

export const schedulesAndReleases: readonly Rule[] = [
  each({
    id: "schedule-has-dead-letters",
    says: "What a schedule could not do is kept",
    source: "sst-notes §12 Q7, infrastructure.md §4",
    types: [SCHEDULE],
    passes: (schedule) => text(schedule, "target.deadLetterConfig.arn") !== "",
  }),
  each({
    id: "schedule-tries-again",
    says: "A schedule retries, and stops before its next run",
    source: "sst-notes §6",
    types: [SCHEDULE],
    passes: (schedule) =>
      number(schedule, "target.retryPolicy.maximumRetryAttempts") > 0 &&
      number(schedule, "target.retryPolicy.maximumEventAgeInSeconds") <= 3600,
  }),
  each({
    id: "schedule-has-role",
    says: "A schedule has a role of its own",
    source: "infrastructure.md §4",
    types: [SCHEDULE],
    passes: (schedule) => text(schedule, "target.roleArn") !== "",
  }),
  never({
    id: "schedule-does-not-resume-database",
    says: "No schedule resumes an auto-paused database",
    source: "infrastructure.md §3",
    scope: sleepers,
    types: [SCHEDULE],
  }),
  each({
    id: "schedule-is-of-the-new-kind",
    says: "Schedules are those of EventBridge Scheduler, which have dead letters and time zones",
    source: "sst-notes §6, §12 Q8",
    types: ["aws:cloudwatch/eventRule:EventRule"],
    passes: (rule) => text(rule, "scheduleExpression") === "",
  }),
  together({
    id: "canary-exists",
    says: "CodeDeploy moves the traffic of a release",
    source: "infrastructure.md §5",
    scope: canaries,
    types: [GROUP],
    offenders: (resources) => (of(resources, GROUP).length > 0 ? [] : [missing(GROUP)]),
  }),
  each({
    id: "canary-starts-small",
    says: "A release begins with a part of the traffic",
    source: "infrastructure.md §5",
    types: [GROUP],
    passes: (group) => /Canary|Linear/.test(text(group, "deploymentConfigName")),
  }),
  each({
    id: "canary-goes-back-by-itself",
    says: "A release that fails or rings an alarm goes back by itself",
    source: "sst-notes §2, infrastructure.md §5",
    types: [GROUP],
    passes: (group) =>
      at(group, "autoRollbackConfiguration.enabled") === true &&
      ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"].every((event) =>
        list(group, "autoRollbackConfiguration.events").includes(event),
      ),
  }),
  together({
    id: "canary-listens-to-alarms",
    says: "The alarms that stop a release exist, and are three or more: failures, slowness, dead letters",
    source: "infrastructure.md §5",
    types: [GROUP],
    offenders: (resources) => {
      const names = of(resources, "aws:cloudwatch/metricAlarm:MetricAlarm").map((alarm) => text(alarm, "name"));
      return of(resources, GROUP).filter((group) => {
        const alarms = list(group, "alarmConfiguration.alarms").map((name) => text(name));
        return (
          at(group, "alarmConfiguration.enabled") !== true ||
          alarms.length < 3 ||
          !alarms.every((name) => names.includes(name))
        );
      });
    },
  }),
];
