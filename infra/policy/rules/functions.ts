import { at, isNamed, list, number, type Resource, tail, text } from "../resource.ts";
import { each, of, type Rule, together } from "../rule.ts";
import { inPublicSubnets } from "./subnets.ts";

const FUNCTION = "aws:lambda/function:Function";
const LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup";
/** Pattern of the URL of a page, such as that of a password reset. A URL with credentials does not match. */
const PAGE = /^https:\/\/[^@?#]+(\?[a-z]+)?$/;
const SECRET_NAME = /passw|secret|token|credential|private_?key|api_?key/i;

const variables = (one: Resource) => Object.entries(at(one, "environment.variables") ?? {});
/**
 * Returns the functions that run in regions. Functions at the edge do not support arm64, X-Ray or logs in JSON
 * (CloudFront Developer Guide).
 */
function regional(resources: readonly Resource[]): Resource[] {
  const atEdge = of(resources, "aws:cloudfront/distribution:Distribution").flatMap((one) =>
    list(one, "defaultCacheBehavior.lambdaFunctionAssociations").map((each) => text(each, "lambdaArn")),
  );
  return of(resources, FUNCTION).filter(
    (one) => !atEdge.some((arn) => arn.split(":").includes(text(one, "name")) || isNamed(one, arn)),
  );
}

export const functions: readonly Rule[] = [
  together({
    id: "function-runs-on-arm",
    says: "Functions run on arm64, for a fifth less",
    source: "sst-notes §12 L2",
    types: [FUNCTION],
    offenders: (resources) => regional(resources).filter((one) => !list(one, "architectures").includes("arm64")),
  }),
  together({
    id: "function-is-traced",
    says: "Functions are traced by X-Ray when the edge has marked the request, and only then",
    source: "checkov CKV_AWS_50, sst-notes §12 L3",
    types: [FUNCTION],
    offenders: (resources) => regional(resources).filter((one) => text(one, "tracingConfig.mode") !== "PassThrough"),
  }),
  together({
    id: "function-logs-json",
    says: "Functions log JSON, which can be searched by field",
    source: "sst-notes §12 L4",
    types: [FUNCTION],
    offenders: (resources) => regional(resources).filter((one) => text(one, "loggingConfig.logFormat") !== "JSON"),
  }),
  together({
    id: "function-has-log-group",
    says: "The logs of every function end with a group that the stage declares: one that Lambda makes keeps them for ever",
    source: "sst-notes §12 M1",
    types: [FUNCTION],
    offenders: (resources) =>
      regional(resources).filter(
        (one) => !of(resources, LOG_GROUP).some((group) => text(group, "name") === text(one, "loggingConfig.logGroup")),
      ),
  }),
  each({
    id: "function-runtime-is-supported",
    says: "Functions run on a Node.js that AWS still patches",
    source: "checkov CKV_AWS_363, prowler awslambda_function_using_supported_runtimes",
    types: [FUNCTION],
    passes: (one) =>
      Number(/^nodejs(\d+)\.x$/.exec(text(one, "runtime"))?.[1]) >= 22 || text(one, "packageType") === "Image",
  }),
  each({
    id: "function-carries-no-secrets",
    says: "No function has a password or a token in its environment, which every identity that may list functions can read",
    source: "checkov CKV_AWS_45, prowler awslambda_function_no_secrets_in_variables",
    types: [FUNCTION],
    passes: (one) =>
      !variables(one).some(([name, value]) => SECRET_NAME.test(name) && value !== "" && !PAGE.test(String(value))),
  }),
  each({
    id: "function-is-in-vpc",
    says: "Functions run in the VPC",
    source: "checkov CKV_AWS_117, prowler awslambda_function_inside_vpc",
    types: [FUNCTION],
    passes: (one) => list(one, "vpcConfig.subnetIds").length > 0,
  }),
  each({
    id: "function-in-vpc-spans-zones",
    says: "A function in the VPC can run in every zone of its stage",
    source: "prowler awslambda_function_vpc_multi_az, infrastructure.md §2",
    types: [FUNCTION],
    passes: (one, { stage }) =>
      at(one, "vpcConfig") === undefined || new Set(list(one, "vpcConfig.subnetIds")).size >= stage.zones,
  }),
  together({
    id: "function-in-vpc-is-private",
    says: "A function in the VPC runs in private subnets: in a public one it would have no way out",
    source: "AWS documentation, Lambda in a VPC",
    types: [FUNCTION],
    offenders: inPublicSubnets([FUNCTION], "vpcConfig.subnetIds"),
  }),
  together({
    id: "function-has-own-role",
    says: "No two functions share a role, so that each has what it needs and no more",
    source: "infrastructure.md §4",
    types: [FUNCTION],
    offenders: (resources) => {
      const roles = Map.groupBy(of(resources, FUNCTION), (one) => text(one, "role"));
      return [...roles.values()].filter((sharing) => sharing.length > 1).flat();
    },
  }),
  together({
    id: "function-behind-url-ends-with-request",
    says: "A function with a URL ends within the 60 s that CloudFront waits",
    source: "sst-notes §1",
    types: ["aws:lambda/functionUrl:FunctionUrl"],
    offenders: (resources) => {
      const behind = of(resources, "aws:lambda/functionUrl:FunctionUrl").map((url) => tail(text(url, "functionName")));
      return of(resources, FUNCTION).filter((one) => behind.includes(text(one, "name")) && number(one, "timeout") > 60);
    },
  }),
  each({
    id: "function-uses-own-layers",
    says: "No function loads a layer of somebody else's account",
    source: "prowler awslambda_function_using_cross_account_layers",
    types: [FUNCTION],
    passes: (one) => {
      const account = text(one, "role").split(":")[4];
      return list(one, "layers").every((arn) => text(arn).split(":")[4] === account);
    },
  }),
  each({
    id: "function-called-without-waiting-loses-nothing",
    says: "A failed asynchronous invocation goes to a destination, or has no retries",
    source: "checkov CKV_AWS_116, prowler awslambda_function_no_dead_letter_queue, infrastructure.md §4",
    types: ["aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig"],
    passes: (config) =>
      text(config, "destinationConfig.onFailure.destination") !== "" || number(config, "maximumRetryAttempts") === 0,
  }),
  together({
    id: "function-at-the-edge-is-a-version",
    says: "What signs requests at the edge is a version that never changes: CloudFront takes no other",
    source: "sst-notes §1",
    types: [FUNCTION],
    offenders: (resources) =>
      of(resources, FUNCTION).filter((one) => !regional(resources).includes(one) && at(one, "publish") !== true),
  }),
];
