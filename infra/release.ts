import { api, live } from "./api.ts";
import { canaryAlarms } from "./canary-alarms.ts";
import { database } from "./database.ts";
import { createFunction } from "./function.ts";
import { opsGrant } from "./grants.ts";
import { mailEnvironment, membershipEnvironment } from "./mail.ts";
import { accountId, nameOf, region } from "./stage.ts";

/** The function that applies migrations. `gotong release` invokes it before it deploys code that needs them. */
export const migrate = createFunction("Migrate", {
  shortName: "migrate",
  handler: "packages/ops/src/migrate-lambda.handler",
  isInVpc: true,
  memory: "512 MB",
  timeout: "15 minutes",
  retries: 0, // an operator must look at a failed migration, so it is not retried
  copyFiles: [{ from: "migrations" }],
  link: [database],
});

/**
 * The function that runs the commands of `gotong --stage`, which cannot reach the database from outside of the VPC.
 * Only identities of this account with `lambda:InvokeFunction` on it may invoke it: it has no URL, no trigger and no
 * resource policy.
 */
export const ops = createFunction("Ops", {
  shortName: "ops",
  handler: "packages/ops/src/lambda.handler",
  isInVpc: true,
  memory: "512 MB",
  timeout: "5 minutes", // a step takes 20 seconds, and the database 15 to resume
  retries: 0, // the operator sees the failure and decides
  environment: { ...mailEnvironment, ...membershipEnvironment },
  ...opsGrant,
});

/**
 * Duration of the canary: the shortest of CodeDeploy's predefined configurations in which every alarm of the canary
 * can fire.
 */
export const CANARY_MINUTES = 10;

/**
 * The CodeDeploy group that shifts the alias: 10 % of the traffic for ten minutes, then all, or back to the old
 * version if an alarm fires. Five minutes would be too short for an alarm: metrics are two minutes late, and a
 * percentile needs three minutes out of five.
 */
export const canary = live ? createCanary() : undefined;

function createCanary() {
  const role = new aws.iam.Role("ApiDeployRole", {
    name: nameOf("api-deploy", "role"),
    assumeRolePolicy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          actions: ["sts:AssumeRole"],
          principals: [{ type: "Service", identifiers: ["codedeploy.amazonaws.com"] }],
          conditions: [{ test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] }],
        },
      ],
    }).json,
    inlinePolicies: [
      {
        name: "shift",
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            {
              actions: ["lambda:GetAlias", "lambda:UpdateAlias", "lambda:GetProvisionedConcurrencyConfig"],
              resources: [api.arn, $interpolate`${api.arn}:*`],
            },
            {
              actions: ["cloudwatch:DescribeAlarms"],
              resources: [$interpolate`arn:aws:cloudwatch:${region}:${accountId}:alarm:*`],
            },
          ],
        }).json,
      },
    ],
  });
  const application = new aws.codedeploy.Application("ApiDeploy", {
    name: nameOf("api", "codeDeployApplication"),
    computePlatform: "Lambda",
  });
  return new aws.codedeploy.DeploymentGroup("ApiCanary", {
    appName: application.name,
    deploymentGroupName: "live",
    serviceRoleArn: role.arn,
    deploymentConfigName: `CodeDeployDefault.LambdaCanary10Percent${CANARY_MINUTES}Minutes`,
    deploymentStyle: { deploymentType: "BLUE_GREEN", deploymentOption: "WITH_TRAFFIC_CONTROL" },
    alarmConfiguration: { enabled: true, alarms: canaryAlarms.map((alarm) => alarm.name) },
    autoRollbackConfiguration: { enabled: true, events: ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"] },
  });
}
