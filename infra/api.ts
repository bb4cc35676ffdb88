import { VIEWER_ADDRESS_HEADER, VIEWER_AUTHORIZATION_HEADER, router } from "./cdn.ts";
import { scannerEnvironment } from "./examination.ts";
import { createFunction } from "./function.ts";
import { apiGrant } from "./grants.ts";
import { mailEnvironment, membershipEnvironment } from "./mail.ts";
import { deployment, stage } from "./stage.ts";
import { reservable } from "./stage-shape.ts";

// AWS rejects two concurrent changes of one function's access (sst #6933), so Pulumi creates the URL first, then one
// permission after the other.
const accessOfApi: $util.Resource[] = [];
$util.runtime.registerStackTransformation(({ type, name, resource, props, opts }) => {
  if (!/^aws:lambda\/(functionUrl|permission):/.test(type) || !/^Api(Url|CloudFront)/.test(name)) return undefined;
  const before = [...accessOfApi];
  accessOfApi.push(resource);
  return { props, opts: $util.mergeOptions(opts, { dependsOn: before }) };
});

// The URL must name the alias, so that a canary release shifts the URL's traffic; SST creates the URL without an
// alias (sst-notes §2). These transformations are registered before the function and run when SST creates the URL.
if (stage.api.hasCanary) {
  $transform(aws.lambda.FunctionUrl, (args, _, name) => {
    if (name === "ApiUrl") Object.assign(args, { functionName: api.name, qualifier: live?.name });
  });
  $transform(aws.lambda.Permission, (args, _, name) => {
    if (name.startsWith("ApiCloudFront")) Object.assign(args, { qualifier: live?.name });
  });
}

const QUOTA_OF_CONCURRENT_EXECUTIONS = "L-B99A9384";
const UNRESERVED = -1; // the value by which the Lambda API means "no reserved concurrency"

/** Returns the stage's reserved concurrency, or UNRESERVED if the account's quota leaves no room for it. */
function reservedConcurrency(): $util.Output<number> {
  return aws.servicequotas
    .getServiceQuotaOutput({ serviceCode: "lambda", quotaCode: QUOTA_OF_CONCURRENT_EXECUTIONS })
    .value.apply((quota) => reservable(stage.api.reservedConcurrency, quota) || UNRESERVED);
}

export const api: sst.aws.Function = createFunction("Api", {
  shortName: "api",
  handler: "packages/api/src/lambda.handler",
  isInVpc: true,
  memory: `${stage.api.memoryMb} MB`,
  timeout: "60 seconds", // an auto-paused database takes 15 s to resume
  versioning: stage.api.hasCanary,
  ...(stage.api.reservedConcurrency > 0 ? { concurrency: { reserved: reservedConcurrency() } } : {}),
  environment: {
    CLIENT_ADDRESS_HEADER: VIEWER_ADDRESS_HEADER,
    AUTHORIZATION_HEADER: VIEWER_AUTHORIZATION_HEADER,
    ...(deployment.uploadOrigins.length > 0 ? { CORS_ORIGINS: deployment.uploadOrigins.join(",") } : {}),
    ...mailEnvironment,
    ...membershipEnvironment,
    ...scannerEnvironment,
  },
  url: { cors: false, router: { instance: router, readTimeout: "60 seconds", keepAliveTimeout: "30 seconds" } },
  ...apiGrant,
});

/**
 * The alias of the version that receives traffic. A plain `sst deploy` moves all traffic to the version that it
 * publishes: code, secrets and links of the API and of the workers change together, and no deployment waits for a
 * further command. During `gotong release` (GOTONG_RELEASE=canary) the alias stays on the former version until
 * CodeDeploy moves it (docs/deploy.md).
 */
export const live: aws.lambda.Alias | undefined = stage.api.hasCanary
  ? new aws.lambda.Alias(
      "ApiLive",
      { name: "live", functionName: api.name, functionVersion: api.nodes.function.version },
      { ignoreChanges: deployment.isRelease ? ["functionVersion", "routingConfig"] : [] },
    )
  : undefined;

// AWS rejects provisioned concurrency on an alias that splits its traffic, so a release removes it before the shift
// and sets it again afterwards (`outputs.provisionedConcurrency`).
if (live && stage.api.provisionedConcurrency > 0 && !deployment.isRelease)
  new aws.lambda.ProvisionedConcurrencyConfig("ApiProvisioned", {
    functionName: api.name,
    qualifier: live.name,
    provisionedConcurrentExecutions: stage.api.provisionedConcurrency,
  });
