import { VIEWER_ADDRESS_HEADER, VIEWER_AUTHORIZATION_HEADER, router } from "./cdn.ts";
import { createFunction } from "./function.ts";
import { apiGrant } from "./grants.ts";
import { mailEnvironment, membershipEnvironment } from "./mail.ts";
import { deployment, stage } from "./stage.ts";

// AWS refuses two changes of one function's access at the same moment (sst #6933): the URL first, then one permission after the other.
const accessOfApi: $util.Resource[] = [];
$util.runtime.registerStackTransformation(({ type, name, resource, props, opts }) => {
  if (!/^aws:lambda\/(functionUrl|permission):/.test(type) || !/^Api(Url|CloudFront)/.test(name)) return undefined;
  const before = [...accessOfApi];
  accessOfApi.push(resource);
  return { props, opts: $util.mergeOptions(opts, { dependsOn: before }) };
});

// The URL has to name the alias, so that a canary shifts its traffic; SST makes the URL itself, without one (sst-notes §2).
// Registered before the function, used once its URL is made.
if (stage.api.hasCanary) {
  $transform(aws.lambda.FunctionUrl, (args, _, name) => {
    if (name === "ApiUrl") Object.assign(args, { functionName: api.name, qualifier: live?.name });
  });
  $transform(aws.lambda.Permission, (args, _, name) => {
    if (name.startsWith("ApiCloudFront")) Object.assign(args, { qualifier: live?.name });
  });
}

export const api: sst.aws.Function = createFunction("Api", {
  shortName: "api",
  handler: "packages/api/src/lambda.handler",
  isInVpc: true,
  memory: `${stage.api.memoryMb} MB`,
  timeout: "60 seconds", // a sleeping database takes 15 s to wake
  versioning: stage.api.hasCanary,
  environment: {
    CLIENT_ADDRESS_HEADER: VIEWER_ADDRESS_HEADER,
    AUTHORIZATION_HEADER: VIEWER_AUTHORIZATION_HEADER,
    ...(deployment.uploadOrigins.length > 0 ? { CORS_ORIGINS: deployment.uploadOrigins.join(",") } : {}),
    ...mailEnvironment,
    ...membershipEnvironment,
  },
  url: { cors: false, router: { instance: router, readTimeout: "60 seconds", keepAliveTimeout: "30 seconds" } },
  ...apiGrant,
});

/** Where traffic goes: CodeDeploy moves it from version to version, and Pulumi leaves it where it is. */
export const live: aws.lambda.Alias | undefined = stage.api.hasCanary
  ? new aws.lambda.Alias(
      "ApiLive",
      { name: "live", functionName: api.name, functionVersion: api.nodes.function.version },
      { ignoreChanges: ["functionVersion", "routingConfig"] },
    )
  : undefined;

if (live && stage.api.provisionedConcurrency > 0)
  new aws.lambda.ProvisionedConcurrencyConfig("ApiProvisioned", {
    functionName: api.name,
    qualifier: live.name,
    provisionedConcurrentExecutions: stage.api.provisionedConcurrency,
  });
