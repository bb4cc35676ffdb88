import type { Evaluation, Resource } from "../evaluate/resource.ts";

const PREFIXES =
  "acm cloudfront cloudwatch eks elasticache iam kms lambda rds route53 s3 scheduler secretsmanager sns sqs ssm wafv2";
/** Types whose name in Terraform is not module and kind, as in `aws_s3_bucket_policy`. */
const OTHERS: Readonly<Record<string, string>> = {
  "aws:budgets/budget:Budget": "aws_budgets_budget",
  "aws:cloudwatch/logMetricFilter:LogMetricFilter": "aws_cloudwatch_log_metric_filter",
  "aws:codedeploy/application:Application": "aws_codedeploy_app",
  "aws:codedeploy/deploymentGroup:DeploymentGroup": "aws_codedeploy_deployment_group",
  "aws:rds/parameterGroup:ParameterGroup": "aws_db_parameter_group",
  "aws:rds/subnetGroup:SubnetGroup": "aws_db_subnet_group",
  "aws:s3/bucketObjectv2:BucketObjectv2": "aws_s3_object",
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": "aws_service_discovery_private_dns_namespace",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": "aws_sqs_queue_redrive_allow_policy",
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": "aws_vpc_security_group_egress_rule",
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": "aws_vpc_security_group_ingress_rule",
};

/** Types that Terraform does not have, or that are checked elsewhere, each with the reason. */
export const NOT_TRANSLATED: readonly (readonly [types: RegExp, reason: string])[] = [
  [/^(sst|pulumi|random|tls):/, "exist in the state of SST and Pulumi alone, not on AWS"],
  [
    /^pulumi-nodejs:dynamic:Resource$/,
    "calls of SST's own: routes at the edge, waiting for a certificate or a distribution",
  ],
  [/^kubernetes:/, "checked as manifests (infra/kubernetes), by the same program"],
];

const snake = (name: string) => name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();

/** The name of a type in Terraform, which Pulumi's provider is made of; undefined for a type that is on neither list. */
export function terraformType(type: string): string | undefined {
  const other = OTHERS[type];
  if (other !== undefined) return other;
  const [, module = "", kind = ""] = /^aws:([a-z0-9]+)\/\w+:(\w+)$/.exec(type) ?? [];
  if (module === "ec2") return `aws_${snake(kind)}`;
  return PREFIXES.split(" ").includes(module) ? `aws_${module}_${snake(kind)}` : undefined;
}

/** Keys below these are names of somebody's choice, and no arguments. */
const MAPS = /^(tags|tagsAll|variables|dimensions|parameters)$/;

/** Arguments as Terraform writes them in JSON. */
function argumentsOf(value: unknown, isMap = false): unknown {
  if (Array.isArray(value)) return value.map((one) => argumentsOf(one, isMap));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      isMap ? key : snake(key),
      argumentsOf(inner, isMap || MAPS.test(key)),
    ]),
  );
}

/**
 * The resources of a stage as a file of Terraform, for checkov's rules about single resources. References are names here, so its rules about
 * relations see none: those are ours (infra/policy).
 * @throws Error for a type that is neither translated nor named as not translated
 */
export function terraformOf({ resources }: Pick<Evaluation, "resources">): Readonly<Record<string, unknown>> {
  const blocks: Record<string, Record<string, unknown>> = {};
  for (const resource of resources) {
    if (NOT_TRANSLATED.some(([types]) => types.test(resource.type))) continue;
    const type = terraformType(resource.type);
    if (type === undefined)
      throw new Error(
        `${resource.type} ${resource.name}: add it to infra/checkov/terraform.ts, or to the types that are not translated`,
      );
    (blocks[type] ??= {})[labelOf(resource)] = argumentsOf(resource.inputs);
  }
  return { resource: blocks };
}

const labelOf = ({ name }: Resource) => name.replaceAll(/[^A-Za-z0-9_-]/g, "_");
