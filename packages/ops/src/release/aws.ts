import type { CodeDeployClient } from "@aws-sdk/client-codedeploy";
import * as v from "valibot";
import { Characters } from "@gotong/core/platform/characters.ts";
import { assertNoConnectionInUse } from "@gotong/core/platform/db/scope.ts";
import { ThrottledError } from "../stage.ts";
import { requestEvent } from "./request-event.ts";
import type { Shift, Traffic } from "./world.ts";

const RUNNING = ["Created", "Queued", "InProgress", "Baking", "Ready"] as const;
const THROTTLED = /^(Throttling|ThrottlingException|TooManyRequestsException|RequestLimitExceeded)$/;
const Reply = v.object({
  statusCode: v.number(),
  body: v.optional(v.string(), ""),
  isBase64Encoded: v.optional(v.boolean(), false),
});
/** The schema of a Lambda revision (CodeDeploy User Guide, "AppSpec file structure for Lambda"). */
const AppSpec = v.object({
  Resources: v.array(v.record(v.string(), v.object({ Properties: v.object({ TargetVersion: v.string() }) }))),
});

/** Returns clients of Lambda, CodeDeploy and CloudWatch, with the region and the credentials of the environment. */
export async function awsTraffic(): Promise<Traffic> {
  const [lambdaSdk, deploySdk, watchSdk] = await Promise.all([
    import("@aws-sdk/client-lambda"),
    import("@aws-sdk/client-codedeploy"),
    import("@aws-sdk/client-cloudwatch"),
  ]);
  // Disables the SDK's retries: the caller retries throttled calls, and the SDK must not repeat an invocation or a
  // deployment.
  const options = { maxAttempts: 1, requestHandler: { requestTimeout: 60_000 } };
  const lambda = new lambdaSdk.LambdaClient(options);
  const deploy = new deploySdk.CodeDeployClient(options);
  const watch = new watchSdk.CloudWatchClient(options);
  return {
    async aliasOf(FunctionName, Name) {
      try {
        const alias = await called(() => lambda.send(new lambdaSdk.GetAliasCommand({ FunctionName, Name })));
        const weights = alias.RoutingConfig?.AdditionalVersionWeights ?? {};
        return { version: alias.FunctionVersion ?? "", weights };
      } catch (error) {
        if (error instanceof lambdaSdk.ResourceNotFoundException) return undefined;
        throw error;
      }
    },
    async setAlias(FunctionName, Name, FunctionVersion) {
      const RoutingConfig = { AdditionalVersionWeights: {} };
      const command = new lambdaSdk.UpdateAliasCommand({ FunctionName, Name, FunctionVersion, RoutingConfig });
      await called(() => lambda.send(command));
    },
    async beginShift({ application, group, functionName, alias, from, to }) {
      const Properties = { Name: functionName, Alias: alias, CurrentVersion: from, TargetVersion: to };
      const content = { version: 0.0, Resources: [{ api: { Type: "AWS::Lambda::Function", Properties } }] };
      const command = new deploySdk.CreateDeploymentCommand({
        applicationName: application,
        deploymentGroupName: group,
        revision: { revisionType: "AppSpecContent", appSpecContent: { content: JSON.stringify(content) } },
      });
      const { deploymentId } = await called(() => deploy.send(command));
      if (deploymentId === undefined) throw new Error("CodeDeploy named no deployment");
      return deploymentId;
    },
    shiftOf: (id) => called(() => shiftOf(deploySdk, deploy, id)),
    async runningShifts(applicationName, deploymentGroupName) {
      const command = new deploySdk.ListDeploymentsCommand({
        applicationName,
        deploymentGroupName,
        includeOnlyStatuses: [...RUNNING],
      });
      return (await called(() => deploy.send(command))).deployments ?? [];
    },
    async stopShift(deploymentId) {
      try {
        const command = new deploySdk.StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true });
        await called(() => deploy.send(command));
      } catch (error) {
        if (!(error instanceof deploySdk.DeploymentAlreadyCompletedException)) throw error;
      }
    },
    async ringingAlarms(applicationName, deploymentGroupName) {
      const group = await called(() =>
        deploy.send(new deploySdk.GetDeploymentGroupCommand({ applicationName, deploymentGroupName })),
      );
      const AlarmNames = (group.deploymentGroupInfo?.alarmConfiguration?.alarms ?? []).flatMap(
        ({ name }) => name ?? [],
      );
      if (AlarmNames.length === 0) return [];
      const command = new watchSdk.DescribeAlarmsCommand({ AlarmNames, StateValue: "ALARM" });
      const { MetricAlarms = [] } = await called(() => watch.send(command));
      return MetricAlarms.flatMap(({ AlarmName }) => AlarmName ?? []);
    },
    async removeProvisioned(FunctionName, Qualifier) {
      const command = new lambdaSdk.DeleteProvisionedConcurrencyConfigCommand({ FunctionName, Qualifier });
      await called(() => lambda.send(command)).catch((error: unknown) => {
        if (!(error instanceof lambdaSdk.ProvisionedConcurrencyConfigNotFoundException)) throw error;
      });
    },
    async setProvisioned(FunctionName, Qualifier, ProvisionedConcurrentExecutions) {
      const input = { FunctionName, Qualifier, ProvisionedConcurrentExecutions };
      await called(() => lambda.send(new lambdaSdk.PutProvisionedConcurrencyConfigCommand(input)));
    },
    async ask(FunctionName, Qualifier, path, client) {
      const Payload = JSON.stringify(requestEvent(path, client));
      const command = new lambdaSdk.InvokeCommand({
        FunctionName,
        Payload,
        ...(Qualifier === undefined ? {} : { Qualifier }),
      });
      const answer = await called(() => lambda.send(command));
      const text = Buffer.from(answer.Payload ?? []).toString();
      if (answer.FunctionError !== undefined) return { status: 500, body: Characters.cut(text, 500) };
      const { statusCode, body, isBase64Encoded } = v.parse(Reply, JSON.parse(text));
      return { status: statusCode, body: isBase64Encoded ? Buffer.from(body, "base64").toString() : body };
    },
  };
}

async function shiftOf(
  sdk: typeof import("@aws-sdk/client-codedeploy"),
  deploy: CodeDeployClient,
  deploymentId: string,
): Promise<Shift> {
  const { deploymentInfo } = await deploy.send(new sdk.GetDeploymentCommand({ deploymentId }));
  const content = deploymentInfo?.revision?.appSpecContent?.content ?? deploymentInfo?.revision?.string?.content;
  const spec = v.safeParse(v.pipe(v.string(), v.parseJson(), AppSpec), content);
  const [resource] = spec.success ? spec.output.Resources.flatMap((one) => Object.values(one)) : [];
  const status = deploymentInfo?.status;
  const reason = deploymentInfo?.errorInformation?.message ?? deploymentInfo?.rollbackInfo?.rollbackMessage;
  return {
    status:
      status === "Succeeded"
        ? "succeeded"
        : status === "Failed"
          ? "failed"
          : status === "Stopped"
            ? "stopped"
            : "running",
    target: resource?.Properties.TargetVersion ?? "",
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Converts errors of AWS. @throws ThrottledError if AWS throttled the call */
async function called<T>(call: () => Promise<T>): Promise<T> {
  assertNoConnectionInUse("lambda");
  try {
    return await call();
  } catch (error) {
    if (error instanceof Error && THROTTLED.test(error.name)) throw new ThrottledError(error.message, { cause: error });
    throw error;
  }
}
