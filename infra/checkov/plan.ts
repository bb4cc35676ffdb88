import type { Resource } from "../policy/resource.ts";

const MODULES =
  "acm backup cloudfront cloudwatch eks elasticache guardduty iam kms lambda rds route53 s3 scheduler secretsmanager sns sqs ssm wafv2";
/** Terraform names of the types that break the naming rule `aws_<module>_<kind>`, such as `aws_s3_bucket_policy`. */
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
/**
 * Types that checkov does not check in a plan: those of SST and Pulumi, and Kubernetes objects, which checkov reads
 * as manifests.
 */
const ELSEWHERE = /^(sst|pulumi|random|tls|kubernetes|pulumi-nodejs):/;

const snake = (name: string) => name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();

/**
 * Returns the Terraform name of a type of Pulumi's AWS provider, which is generated from Terraform's; undefined if
 * the naming rule does not cover the type.
 */
export function terraformType(type: string): string | undefined {
  const other = OTHERS[type];
  if (other !== undefined) return other;
  const [, module = "", kind = ""] = /^aws:([a-z0-9]+)\/\w+:(\w+)$/.exec(type) ?? [];
  if (module === "ec2") return `aws_${snake(kind)}`;
  return MODULES.split(" ").includes(module) ? `aws_${module}_${snake(kind)}` : undefined;
}

/** Arguments that are maps with arbitrary keys, which must not be renamed. */
const MAPS = /^(tags|tagsAll|variables|dimensions|parameters)$/;

/** Returns the Terraform name of a repeatable block: singular in Terraform, plural in Pulumi. */
const blockName = (key: string, value: unknown): string => {
  const isPlural = Array.isArray(value) && value.some(isObject) && !/(gress|items|Statement)$/.test(key);
  return snake(isPlural ? key.replace(/ies$/, "y").replace(/(ias)es$|s$/, "$1") : key);
};

/** Converts arguments to the form of a plan: names in snake case, blocks as lists, policies as strings. */
function argumentsOf(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const valueOf = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((one) => (isObject(one) ? argumentsOf(one) : one));
    if (!isObject(value) || MAPS.test(key)) return value;
    return /policy$/i.test(key) && "Statement" in value ? JSON.stringify(value) : [argumentsOf(value)];
  };
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [blockName(key, value), valueOf(key, value)]));
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

/**
 * Converts resources to a Terraform plan in JSON, for checkov's rules about single resources. References between
 * resources are plain names here, so checkov's rules about relations find nothing: our own rules check relations
 * (infra/policy).
 * @throws Error for an AWS type without a known name in Terraform
 */
export function planOf(resources: readonly Resource[]) {
  const translated = resources
    .filter(({ type }) => !ELSEWHERE.test(type))
    .map(({ type: token, name, inputs }) => {
      const type = terraformType(token);
      if (type === undefined) throw new Error(`${token} ${name}: add its name in Terraform to infra/checkov/plan.ts`);
      return { about: { address: `${type}.${name}`, mode: "managed", type, name }, values: argumentsOf(inputs) };
    });
  return {
    format_version: "1.2",
    terraform_version: "1.9.0",
    planned_values: { root_module: { resources: translated.map(({ about, values }) => ({ ...about, values })) } },
    resource_changes: translated.map(({ about, values }) => ({
      ...about,
      change: { actions: ["create"], before: null, after: values, after_unknown: {} },
    })),
    configuration: {},
  };
}
