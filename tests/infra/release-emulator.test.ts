import { afterAll, beforeAll, expect, test } from "vitest";
import { CodeDeployClient, CreateApplicationCommand, CreateDeploymentGroupCommand } from "@aws-sdk/client-codedeploy";
import { CreateAliasCommand, CreateFunctionCommand, LambdaClient, PublishVersionCommand } from "@aws-sdk/client-lambda";
import { awsTraffic } from "@gotong/ops/release/aws.ts";
import type { Traffic } from "@gotong/ops/release/world.ts";
import { type Moto, ensureMoto, startMoto } from "../../infra/apply/moto.ts";

// Sends the calls of a release to moto, as far as moto supports them: it does not support provisioned concurrency,
// StopDeployment or alarms of a group, and its deployments never finish. tests/unit/operator/release has a fake that
// supports these.
const FUNCTION = "gotong-royong-production-api";
const GROUP = { applicationName: FUNCTION, deploymentGroupName: "live" };
const ROLE = "arn:aws:iam::123456789012:role/any";
const VARIABLES = { AWS_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };
/** A ZIP archive without files: its end of central directory. */
const EMPTY_ZIP = Buffer.from(`504b0506${"00".repeat(18)}`, "hex");

let moto: Moto | undefined;
let missing: string | undefined;
let traffic: Traffic;
const before = { ...process.env };

/**
 * Creates a role, since Lambda accepts only a role that exists. It uses a plain HTTP request, since no other test
 * needs an IAM client.
 */
async function createRole(endpoint: string): Promise<void> {
  const body = new URLSearchParams({
    Action: "CreateRole",
    Version: "2010-05-08",
    RoleName: "any",
    AssumeRolePolicyDocument: JSON.stringify({
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
    }),
  });
  const scope = "local/20260101/us-east-1/iam/aws4_request";
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`;
  const { status } = await fetch(endpoint, { method: "POST", headers: { authorization }, body });
  if (status !== 200) throw new Error(`moto made no role: ${status}`);
}

beforeAll(async () => {
  missing = await ensureMoto();
  if (missing !== undefined) return;
  moto = await startMoto();
  Object.assign(process.env, VARIABLES, { AWS_ENDPOINT_URL: moto.endpoint });
  traffic = await awsTraffic();
  await createRole(moto.endpoint);
  const lambda = new LambdaClient({});
  await lambda.send(
    new CreateFunctionCommand({
      FunctionName: FUNCTION,
      Runtime: "nodejs22.x",
      Role: ROLE,
      Handler: "index.handler",
      Code: { ZipFile: EMPTY_ZIP },
    }),
  );
  await lambda.send(new PublishVersionCommand({ FunctionName: FUNCTION }));
  await lambda.send(new CreateAliasCommand({ FunctionName: FUNCTION, Name: "live", FunctionVersion: "1" }));
  const deploy = new CodeDeployClient({});
  await deploy.send(new CreateApplicationCommand({ applicationName: FUNCTION, computePlatform: "Lambda" }));
  await deploy.send(
    new CreateDeploymentGroupCommand({
      ...GROUP,
      serviceRoleArn: ROLE,
      deploymentConfigName: "CodeDeployDefault.LambdaCanary10Percent10Minutes",
    }),
  );
}, 300_000);
afterAll(async () => {
  for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
  Object.assign(process.env, before);
  await moto?.stop();
});

test("on moto a release reads and moves an alias, and gets undefined for a missing alias", async (context) => {
  if (missing !== undefined) return context.skip(missing);
  expect(await traffic.aliasOf(FUNCTION, "live")).toEqual({ version: "1", weights: {} });
  await traffic.setAlias(FUNCTION, "live", "$LATEST");
  expect((await traffic.aliasOf(FUNCTION, "live"))?.version).toBe("$LATEST");
  await traffic.setAlias(FUNCTION, "live", "1");
  expect(await traffic.aliasOf(FUNCTION, "other")).toBeUndefined();
});

test("on moto a release starts a traffic shift with its versions, and a later process finds the shift and reads its state", async (context) => {
  if (missing !== undefined) return context.skip(missing);
  const plan = { application: FUNCTION, group: "live", functionName: FUNCTION, alias: "live", from: "1", to: "2" };
  const id = await traffic.beginShift(plan);
  expect(await traffic.runningShifts(FUNCTION, "live")).toContain(id);
  expect(await traffic.shiftOf(id)).toMatchObject({ status: "running", target: "2" });
});
