import { replaceBundle } from "./function-bundle.ts";
import type { Permission } from "./grants.ts";
import { functionsVpc } from "./network.ts";
import { operatorNeeded } from "./operator-metric.ts";
import { RETENTION_DAYS } from "./retention.ts";
import { accountId, deployment, nameOf, region, stage } from "./stage.ts";
import { scalesToZero } from "./stage-shape.ts";

interface Shape extends Omit<sst.aws.FunctionArgs, "vpc" | "permissions" | "environment" | "name"> {
  /** The part of the function's AWS name after app and stage, in kebab case. */
  readonly shortName: string;
  readonly handler: string;
  /** Whether the function runs in the VPC, where the database is. */
  readonly isInVpc: boolean;
  readonly permissions?: Permission[];
  readonly environment?: Record<string, $util.Input<string>>;
}

const CAN_DO_NO_BETTER = "*"; // actions for which IAM does not support resources

/** Creates a function with the platform's defaults, and a role with exactly the given permissions. */
export function createFunction(
  name: string,
  { shortName, isInVpc, permissions = [], environment, ...args }: Shape,
): sst.aws.Function {
  const functionName = nameOf(shortName, "function");
  const logGroup = new aws.cloudwatch.LogGroup(`${name}Logs`, {
    name: `/aws/lambda/${functionName}`,
    retentionInDays: RETENTION_DAYS[stage.logRetention],
  });
  if (isFailureCounted(name)) countFailures(name, logGroup);
  return new sst.aws.Function(name, {
    name: functionName,
    runtime: "nodejs24.x",
    architecture: "arm64",
    logging: { format: "json", logGroup: logGroup.name },
    ...args,
    // SST's bundle is replaced by our own, which has fewer files (docs/adr/0049). With these options, SST's would do too.
    nodejs: {
      format: "esm",
      minify: true,
      sourcemap: true,
      splitting: true,
      esbuild: { mainFields: ["module", "main"] },
      ...args.nodejs,
    },
    hook: { postbuild: (dir) => replaceBundle($cli.paths.root, args.handler, dir) },
    environment: {
      STAGE: $app.stage,
      VERSION: deployment.version,
      MARKOV_API_URL: deployment.markovUrl,
      DATABASE_AUTO_PAUSES: String(scalesToZero(stage)),
      ...(stage.hasFewTriggers ? { QUEUES_WITHOUT_TRIGGER: "outcomes,evidence,breaker" } : {}),
      DATABASE_POOL_SIZE: "2", // an instance handles one request at a time, with a transaction and one query beside it
      ...(stage.egress === "ipv6" && isInVpc ? { AWS_USE_DUALSTACK_ENDPOINT: "true" } : {}),
      ...environment,
    },
    ...(isInVpc ? { vpc: functionsVpc } : {}),
    permissions: [
      { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [$interpolate`${logGroup.arn}:*`] },
      ...(stage.tracedPercent > 0
        ? [{ actions: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], resources: [CAN_DO_NO_BETTER] }]
        : []),
      ...(isInVpc ? networkPermissions(functionName) : []),
      ...permissions,
    ],
    transform: {
      function: (inputs) => {
        // The mode "Active" would record one request a second and 5 % of the rest, which Lambda does not let us
        // configure: $8 a month for 10,000 users. With "PassThrough" the edge decides which requests are traced
        // (cdn.ts).
        inputs.tracingConfig = { mode: "PassThrough" };
        // Drops Lambda's own log lines about each invocation, which are as long as ours; failures are still logged.
        inputs.loggingConfig = $output(inputs.loggingConfig).apply((config) => ({
          logFormat: "JSON",
          ...config,
          systemLogLevel: "WARN",
        }));
        if (stage.egress === "ipv6" && isInVpc)
          inputs.vpcConfig = $output(inputs.vpcConfig).apply((config) => ({
            subnetIds: config?.subnetIds ?? [],
            securityGroupIds: config?.securityGroupIds ?? [],
            ipv6AllowedForDualStack: true,
          }));
      },
      role: (inputs) => {
        // SST 4.17.1 lets the whole account assume every function's role (sst-notes §2). Only `sst dev` needs that.
        if (!$dev) inputs.assumeRolePolicy = aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" });
        // Removes the managed policies, which allow every log group and network interface; the statements above are
        // exact.
        inputs.managedPolicyArns = [];
      },
    },
  });
}

/**
 * Returns whether failed invocations of a function are counted from its log. Not for the API, whose failures are
 * counted as 5xx responses, and not in production, which has an alarm for each worker.
 */
const isFailureCounted = (name: string) => name !== "Api" && (stage.alarms === "basic" || stage.alarms === "tenant");

/**
 * Counts invocations that fail (code that does not load, a crash, a timeout) in the one metric that small stages
 * watch. An alarm on each function's own metric `Errors` would cost ten cents a month; a metric filter is free.
 */
function countFailures(name: string, logGroup: aws.cloudwatch.LogGroup): void {
  const { namespace, metricName } = operatorNeeded();
  new aws.cloudwatch.LogMetricFilter(`${name}Failures`, {
    logGroupName: logGroup.name,
    pattern: '{ $.type = "platform.report" && $.record.status != "success" }',
    metricTransformation: { namespace, name: metricName, value: "1" },
  });
}

/**
 * Permissions that Lambda needs to attach the function to the VPC. The code of the function must not use them (Lambda
 * Developer Guide, "VPC permissions").
 */
function networkPermissions(functionName: string) {
  const interfaces = [
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
  ];
  return [
    // Lambda accepts only this form of the ARN.
    { actions: interfaces, resources: [$interpolate`arn:aws:ec2:${region}:${accountId}:*/*`] },
    { actions: ["ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"], resources: [CAN_DO_NO_BETTER] },
    {
      effect: "deny" as const,
      actions: [...interfaces, "ec2:DescribeNetworkInterfaces", "ec2:DescribeSubnets"],
      resources: [CAN_DO_NO_BETTER],
      conditions: [
        {
          test: "ArnEquals",
          variable: "lambda:SourceFunctionArn",
          values: [$interpolate`arn:aws:lambda:${region}:${accountId}:function:${functionName}`],
        },
      ],
    },
  ];
}
