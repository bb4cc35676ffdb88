import { subnetOf } from "./ipv6.ts";
import { createNatInstance } from "./nat-instance.ts";
import { accountId, deployment, nameOf, region, stage } from "./stage.ts";

export const VPC_CIDR = "10.0.0.0/16"; // fixed by SST (vpc.ts:915)
const isIpv6 = stage.egress === "ipv6";
const markovPort = Number(new URL(deployment.markovUrl).port || 443);
/** What functions in the VPC reach on the internet. */
const outgoingPorts = [...new Set([443, markovPort])];

/** The number at the end of a subnet's name, from 0. */
const indexOf = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 1) - 1;
/** A `tags` of ours replaces SST's, and `Vpc.get` finds subnets by their Name. */
const kubernetesTags = (name: string, role: string) =>
  stage.hasEks ? { tags: { Name: nameOf(name, "tag"), [`kubernetes.io/role/${role}`]: "1" } } : {};

export const vpc: sst.aws.Vpc = new sst.aws.Vpc("Vpc", {
  az: stage.zones,
  ...(stage.egress === "nat-gateways" ? { nat: "managed" as const } : {}),
  bastion: stage.hasBastion,
  transform: {
    vpc: { assignGeneratedIpv6CidrBlock: isIpv6 },
    // Nothing uses the default group: each part has its own, open only to those that need it.
    securityGroup: { ingress: [], egress: [] },
    publicSubnet: (args, _, name) => {
      Object.assign(args, { mapPublicIpOnLaunch: false }, kubernetesTags(name, "elb"));
    },
    privateSubnet: (args, _, name) => {
      Object.assign(args, kubernetesTags(name, "internal-elb"));
      if (!isIpv6) return;
      args.assignIpv6AddressOnCreation = true;
      args.ipv6CidrBlock = vpc.nodes.vpc.ipv6CidrBlock.apply((block) => subnetOf(block, indexOf(name)));
    },
    privateRouteTable: (args) => {
      if (ipv6Gateway) args.routes = [{ ipv6CidrBlock: "::/0", egressOnlyGatewayId: ipv6Gateway.id }];
      if (natInstance) args.routes = [{ cidrBlock: "0.0.0.0/0", networkInterfaceId: natInstance.networkInterfaceId }];
    },
    bastionSecurityGroup: {
      description: "SSH to the bastion of sst tunnel",
      ingress: deployment.bastionCidrs.map((cidr) => ({
        protocol: "tcp",
        fromPort: 22,
        toPort: 22,
        cidrBlocks: [cidr],
      })),
      // The tunnel leads into the VPC; beyond it the bastion fetches its packages and nothing else.
      egress: [
        { protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: [VPC_CIDR] },
        { protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["0.0.0.0/0"] },
      ],
    },
    bastionInstance: {
      associatePublicIpAddress: true,
      metadataOptions: { httpTokens: "required", httpEndpoint: "enabled", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, volumeType: "gp3" },
    },
  },
});

/** Carries IPv6 out and nothing in, free of charge: what a tenant has in place of NAT. */
const ipv6Gateway = isIpv6 ? new aws.ec2.EgressOnlyInternetGateway("Ipv6Egress", { vpcId: vpc.id }) : undefined;
/** Carries outgoing traffic where there are no NAT gateways. */
export const natInstance =
  stage.egress === "nat-instance" ? createNatInstance(vpc, VPC_CIDR, outgoingPorts) : undefined;

/** What functions in the VPC belong to: nobody can reach them. */
export const functionsGroup = new aws.ec2.SecurityGroup("FunctionsGroup", {
  vpcId: vpc.id,
  description: "Functions in the VPC",
});
for (const [name, port, block] of [
  ["Https", 443, { cidrIpv4: "0.0.0.0/0" }],
  ["Postgres", 5432, { cidrIpv4: VPC_CIDR }],
  ["Valkey", 6379, { cidrIpv4: VPC_CIDR }],
  ...(markovPort === 443 ? [] : ([["Markov", markovPort, { cidrIpv4: "0.0.0.0/0" }]] as const)),
  ...(isIpv6 ? ([["HttpsIpv6", 443, { cidrIpv6: "::/0" }]] as const) : []),
] as const) {
  new aws.vpc.SecurityGroupEgressRule(`FunctionsTo${name}`, {
    securityGroupId: functionsGroup.id,
    description: `Functions to ${name}`,
    ipProtocol: "tcp",
    fromPort: port,
    toPort: port,
    ...block,
  });
}

/** Where functions with a database run; they reach S3 without leaving AWS. */
export const functionsVpc = { privateSubnets: vpc.privateSubnets, securityGroups: [functionsGroup.id] };

new aws.ec2.VpcEndpoint("S3Endpoint", {
  vpcId: vpc.id,
  serviceName: $interpolate`com.amazonaws.${region}.s3`,
  vpcEndpointType: "Gateway",
  routeTableIds: vpc.nodes.privateRouteTables.apply((tables) => tables.map((table) => table.id)),
  // Only to buckets of this account, and to where container images lie: nothing can be carried off to another's bucket.
  policy: aws.iam.getPolicyDocumentOutput({
    statements: [
      {
        principals: [{ type: "*", identifiers: ["*"] }],
        actions: ["s3:GetObject*", "s3:PutObject*", "s3:ListBucket", "s3:AbortMultipartUpload"],
        resources: ["arn:aws:s3:::*"],
        conditions: [{ test: "StringEquals", variable: "aws:ResourceAccount", values: [accountId] }],
      },
      {
        principals: [{ type: "*", identifiers: ["*"] }],
        actions: ["s3:GetObject"],
        resources: [$interpolate`arn:aws:s3:::prod-${region}-starport-layer-bucket/*`],
      },
    ],
  }).json,
});
