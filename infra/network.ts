import { type Bastion, createVpcWithBastion } from "./bastion.ts";
import { hostOfGuests } from "./guests.ts";
import { createNatInstance } from "./nat-instance.ts";
import { accountId, deployment, region, stage } from "./stage.ts";
import { type Network, VPC_CIDR, createVpc } from "./vpc.ts";

const isIpv6 = stage.egress === "ipv6";
const markovPort = Number(new URL(deployment.markovUrl).port || 443);
/** The ports on which functions in the VPC reach the internet. */
const outgoingPorts = [...new Set([443, markovPort])];

interface Made {
  readonly vpc: Network;
  /** The instance that forwards outgoing traffic where there are no NAT gateways. */
  readonly natInstance?: ReturnType<typeof createNatInstance>;
  readonly bastion?: Bastion;
}

function createNetwork(): Made {
  if (hostOfGuests !== undefined) {
    const { vpcId, privateSubnets } = hostOfGuests;
    const none = $output<string[]>([]);
    return {
      vpc: {
        id: $output(vpcId),
        publicSubnets: none,
        privateSubnets: $output([...privateSubnets]),
        privateRouteTables: none,
      },
    };
  }
  if (stage.hasBastion) return createVpcWithBastion((vpc) => createNatInstance(vpc, VPC_CIDR, outgoingPorts));
  const base = createVpc(!isIpv6, isIpv6);
  switch (stage.egress) {
    case "ipv6": {
      // An egress-only gateway carries only outgoing IPv6 traffic, and is free of charge.
      const gateway = new aws.ec2.EgressOnlyInternetGateway("Ipv6Egress", { vpcId: base.id });
      const route = { ipv6CidrBlock: "::/0", egressOnlyGatewayId: gateway.id };
      return { vpc: base.createPrivateSubnets(() => [route]) };
    }
    case "nat-instance": {
      const natInstance = createNatInstance(base, VPC_CIDR, outgoingPorts);
      const route = { cidrBlock: "0.0.0.0/0", networkInterfaceId: natInstance.networkInterfaceId };
      return { vpc: base.createPrivateSubnets(() => [route]), natInstance };
    }
    case "nat-gateways": {
      const gateways = base.createNatGateways().map(({ id }) => [{ cidrBlock: "0.0.0.0/0", natGatewayId: id }]);
      return { vpc: base.createPrivateSubnets((index) => gateways[index] ?? []) };
    }
  }
}

export const { vpc, natInstance, bastion } = createNetwork();

/** The security group of functions in the VPC. It has no rule for incoming traffic. */
export const functionsGroup: { readonly id: $util.Output<string> } =
  hostOfGuests === undefined ? createFunctionsGroup() : { id: $output(hostOfGuests.functionsGroup) };

function createFunctionsGroup(): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup("FunctionsGroup", {
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
      securityGroupId: group.id,
      description: `Functions to ${name}`,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      ...block,
    });
  }
  return group;
}

/** The subnets and security group of functions that use the database. Their traffic to S3 does not leave AWS. */
export const functionsVpc = { privateSubnets: vpc.privateSubnets, securityGroups: [functionsGroup.id] };

if (hostOfGuests === undefined)
  new aws.ec2.VpcEndpoint("S3Endpoint", {
    vpcId: vpc.id,
    serviceName: $interpolate`com.amazonaws.${region}.s3`,
    vpcEndpointType: "Gateway",
    routeTableIds: vpc.privateRouteTables,
    // Allows only buckets of this account and the layers of container images, so that data cannot be copied to
    // another account's bucket.
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          principals: [{ type: "*", identifiers: ["*"] }],
          // The actions that the roles in grants.ts have, and reads of container images. DeleteObject erases the files
          // of deleted accounts and of unused uploads.
          actions: [
            "s3:GetObject*",
            "s3:PutObject*",
            "s3:DeleteObject*",
            "s3:BypassGovernanceRetention",
            "s3:ListBucket",
            "s3:ListBucketVersions",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
          ],
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
