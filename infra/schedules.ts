import { queues } from "./queues.ts";
import { accountId, nameOf, region, stage } from "./stage.ts";
import { scalesToZero } from "./stage-shape.ts";

// A schedule sends additional sweeps on stages whose database never pauses: there a sweep costs nothing. Where the
// database auto-pauses, the schedule would keep the database running permanently (infrastructure.md §3). Under `sst
// dev` the sweep would call a developer's host.
if (!scalesToZero(stage) && !$dev) {
  const name = nameOf("sweep", "schedule");
  const role = new aws.iam.Role("SweepScheduleRole", {
    name: nameOf("sweep-schedule", "role"),
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["scheduler.amazonaws.com"] }],
          conditions: [
            { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
            {
              test: "ArnEquals",
              variable: "aws:SourceArn",
              values: [$interpolate`arn:aws:scheduler:${region}:${accountId}:schedule-group/default`],
            },
          ],
        },
      ],
    }).json,
    inlinePolicies: [
      {
        name: "send",
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [{ actions: ["sqs:SendMessage"], resources: [queues.sweep.arn, queues.dead.arn] }],
        }).json,
      },
    ],
  });
  new aws.scheduler.Schedule("SweepSchedule", {
    name,
    description: "Publishes what no act's own sweep has published",
    scheduleExpression: "rate(5 minutes)",
    flexibleTimeWindow: { mode: "OFF" },
    target: {
      arn: queues.sweep.arn,
      roleArn: role.arn,
      input: JSON.stringify({ armed_at: "<aws.scheduler.scheduled-time>" }),
      retryPolicy: { maximumRetryAttempts: 10, maximumEventAgeInSeconds: 300 },
      deadLetterConfig: { arn: queues.dead.arn },
    },
  });
}

export {};
