import { flatten } from "../../infra/evaluate/flatten.ts";
import type { Evaluation, Resource } from "../../infra/evaluate/resource.ts";

/**
 * Types that do not depend on one zone, each with the reason. The sources are AWS's documentation, under
 * docs.aws.amazon.com.
 */
const REGIONAL: readonly [types: RegExp, reason: string][] = [
  [/^aws:(lambda|codedeploy|scheduler)\//, "lambda/latest/dg/security-resilience: runs in several zones of the region"],
  [
    /^aws:(sqs|sns)\//,
    "AWSSimpleQueueService/latest/SQSDeveloperGuide/disaster-recovery-resiliency: kept in several zones",
  ],
  [/^aws:s3\//, "AmazonS3/latest/userguide/DataDurability: at least three zones in the classes that are used here"],
  [
    /^aws:(cloudfront|wafv2|route53|acm|budgets|iam)\//,
    "AmazonCloudFront/latest/DeveloperGuide/disaster-recovery-resiliency: global",
  ],
  [/^aws:guardduty\//, "guardduty/latest/ug/disaster-recovery-resiliency: a service of the region"],
  [/^aws:backup\//, "aws-backup/latest/devguide/disaster-recovery-resiliency: kept in several zones"],
  [
    /^aws:(cloudwatch|kms|secretsmanager|ssm|servicediscovery)\//,
    "whitepapers/latest/aws-fault-isolation-boundaries: regional services",
  ],
  [/^aws:rds\/(clusterParameterGroup|parameterGroup):/, "settings, kept by the control plane of the region"],
  [/^aws:elasticache\/(parameterGroup|user|userGroup):/, "settings, kept by the control plane of the region"],
  [
    /^aws:elasticache\/serverlessCache:/,
    "AmazonElastiCache/latest/dg/disaster-recovery-resiliency: serverless is in several zones",
  ],
  [
    /^aws:ec2\/(vpc|internetGateway|egressOnlyInternetGateway|flowLog|keyPair):/,
    "vpc/latest/userguide: spans the zones of its region",
  ],
  [/^aws:ec2\/(defaultSecurityGroup|securityGroup):|^aws:vpc\//, "rules, kept by the VPC, which spans the zones"],
  [
    /^aws:eks\/(addon|accessEntry|accessPolicyAssociation|podIdentityAssociation):/,
    "settings, kept by the cluster's control plane: eks/latest/userguide/disaster-recovery-resiliency: in several zones",
  ],
  [
    /^kubernetes:(?!apps\/|autoscaling\/|keda\.sh\/v1alpha1:ScaledObject)/,
    "objects, kept by the cluster's control plane; pods are looked at where they are made and counted",
  ],
  [/^(sst|pulumi|pulumi-nodejs|random|tls):/, "nothing that runs: groupings and records of SST and Pulumi"],
];

type Check = (resource: Resource, production: Evaluation) => string | undefined;
const isA = (type: string) => (resource: Resource) => resource.type === type;
const kebab = (name: string) => name.replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
const count = (type: string, { resources }: Evaluation) => resources.filter(isA(type)).length;
const subnets = ({ resources }: Evaluation) => resources.filter(isA("aws:ec2/subnet:Subnet"));
const zonesOf = (all: readonly Resource[]) => new Set(all.map(({ inputs }) => String(inputs["availabilityZone"])));

/** Returns the subnets whose ids occur anywhere in `value`. */
const named = (value: unknown, production: Evaluation) => {
  const text = JSON.stringify(value ?? {});
  return subnets(production).filter(({ name }) => text.includes(`"${kebab(name)}-id"`));
};
const spread = (value: unknown, production: Evaluation) => {
  const all = zonesOf(subnets(production)).size;
  const own = zonesOf(named(value, production)).size;
  return all >= 2 && own === all ? undefined : `reaches ${own} of ${all} zones`;
};
const tableOf = (subnet: Resource, { resources }: Evaluation) =>
  resources.find(
    ({ type, inputs }) =>
      type === "aws:ec2/routeTableAssociation:RouteTableAssociation" &&
      inputs["subnetId"] === `${kebab(subnet.name)}-id`,
  )?.inputs["routeTableId"];

const atLeastTwo = ({ inputs }: Resource, path: string) =>
  Number(flatten(inputs).get(path) ?? 1) >= 2 ? undefined : "may leave one pod, in one zone";

/** Types of resources that are in one zone, each with a check whether their kind survives the loss of that zone. */
const CHECKED: Readonly<Record<string, Check>> = {
  "aws:ec2/subnet:Subnet": (subnet, production) => {
    const side = /Private|Public/.exec(subnet.name)?.[0] ?? "";
    const alike = subnets(production).filter(({ name }) => name.includes(side));
    return zonesOf(alike).size >= 2 ? undefined : `every ${side} subnet is in one zone`;
  },
  "aws:ec2/natGateway:NatGateway": (_, production) => {
    const gateways = production.resources.filter(isA("aws:ec2/natGateway:NatGateway"));
    const own = zonesOf(gateways.flatMap(({ inputs }) => named(inputs["subnetId"], production)));
    const all = zonesOf(subnets(production)).size;
    return own.size === all ? undefined : `gateways stand in ${own.size} of ${all} zones`;
  },
  "aws:ec2/eip:Eip": (_, production) =>
    count("aws:ec2/eip:Eip", production) >= count("aws:ec2/natGateway:NatGateway", production)
      ? undefined
      : "gateways share an address",
  // A private route table serves only the subnets of the zone in which its NAT is.
  "aws:ec2/routeTable:RouteTable": (table, production) => {
    const text = JSON.stringify(table.inputs["routes"] ?? []);
    const gateways = production.resources
      .filter(isA("aws:ec2/natGateway:NatGateway"))
      .filter(({ name }) => text.includes(`"${kebab(name)}-id"`));
    const where = zonesOf(gateways.flatMap(({ inputs }) => named(inputs["subnetId"], production)));
    const served = zonesOf(
      subnets(production).filter((subnet) => tableOf(subnet, production) === `${kebab(table.name)}-id`),
    );
    const strangers = [...served].filter((zone) => where.size > 0 && !where.has(zone));
    return strangers.length === 0 ? undefined : `zone ${strangers.join(", ")} leaves through ${[...where].join(", ")}`;
  },
  "aws:ec2/routeTableAssociation:RouteTableAssociation": () => undefined, // checked together with its route table, above
  "aws:ec2/vpcEndpoint:VpcEndpoint": ({ inputs }, production) =>
    inputs["vpcEndpointType"] === "Gateway" ? undefined : spread(inputs["subnetIds"], production),
  "aws:rds/subnetGroup:SubnetGroup": ({ inputs }, production) => spread(inputs["subnetIds"], production),
  "aws:elasticache/subnetGroup:SubnetGroup": ({ inputs }, production) => spread(inputs["subnetIds"], production),
  // The storage is in three zones; an instance is in one zone, and Aurora creates its replacement in another.
  "aws:rds/cluster:Cluster": (_, production) =>
    count("aws:rds/clusterInstance:ClusterInstance", production) >= 2 ? undefined : "has one instance and no reader",
  "aws:rds/clusterInstance:ClusterInstance": ({ inputs }) =>
    inputs["availabilityZone"] === undefined ? undefined : "is tied to a zone",
  "aws:elasticache/replicationGroup:ReplicationGroup": ({ inputs }) =>
    Number(inputs["numCacheClusters"] ?? 1) >= 2 &&
    inputs["multiAzEnabled"] === true &&
    inputs["automaticFailoverEnabled"] === true
      ? undefined
      : "has one node, or does not fail over",
  "aws:lambda/function:Function": ({ inputs }, production) =>
    inputs["vpcConfig"] === undefined ? undefined : spread(inputs["vpcConfig"], production),
  "aws:eks/cluster:Cluster": ({ inputs }, production) => spread(inputs["vpcConfig"], production),
  "kubernetes:apps/v1:Deployment": ({ inputs }) =>
    [...flatten(inputs).values()].includes("topology.kubernetes.io/zone") ? undefined : "is not spread over zones",
  "kubernetes:autoscaling/v2:HorizontalPodAutoscaler": (scaler) => atLeastTwo(scaler, "spec.minReplicas"),
  "kubernetes:keda.sh/v1alpha1:ScaledObject": (scaler) => atLeastTwo(scaler, "spec.minReplicaCount"),
  "aws:ec2/instance:Instance": () => "is one machine in one zone",
};

/** Returns the resources that the loss of one zone would remove, and unclassified resources; empty if there are none. */
export function findSingle(evaluation: Evaluation): string[] {
  return evaluation.resources.flatMap((resource) => {
    const { type, name } = resource;
    const check = CHECKED[type];
    if (check === undefined)
      return REGIONAL.some(([types]) => types.test(type)) ? [] : [`${name}: ${type} is not classified`];
    const problem = check(resource, evaluation);
    return problem === undefined ? [] : [`${name} ${problem}`];
  });
}
