import { subnetOf } from "./ipv6.ts";
import { nameOf, stage } from "./stage.ts";

export const VPC_CIDR = "10.0.0.0/16";

/** The parts of the network that other files use. */
export interface Network {
  readonly id: $util.Output<string>;
  readonly publicSubnets: $util.Output<string[]>;
  readonly privateSubnets: $util.Output<string[]>;
  readonly privateRouteTables: $util.Output<string[]>;
}

type Route = aws.types.input.ec2.RouteTableRoute;
const ZONES = Array.from({ length: stage.zones }, (_, index) => index);
const tags = (name: string, role?: string) => ({
  tags: {
    Name: nameOf(name, "tag"),
    ...(stage.hasEks && role !== undefined ? { [`kubernetes.io/role/${role}`]: "1" } : {}),
  },
});

/**
 * Creates a network with a private subnet in each zone. It is laid out like SST's component, but without its Cloud
 * Map namespace, which costs $0.50 a month: a third of the cost limit of an idle tenant (docs/adr/0019).
 * @param hasPublicSubnets whether any resource in the network has a public address
 */
export function createVpc(hasPublicSubnets: boolean, isIpv6: boolean) {
  const vpc = new aws.ec2.Vpc("VpcVpc", {
    cidrBlock: VPC_CIDR,
    enableDnsSupport: true,
    enableDnsHostnames: true,
    assignGeneratedIpv6CidrBlock: isIpv6,
    ...tags("Vpc"),
  });
  // Closes the VPC's default security group: each component has a group of its own that admits only its clients.
  new aws.ec2.DefaultSecurityGroup("VpcSecurityGroup", { vpcId: vpc.id, ingress: [], egress: [] });
  const { names } = aws.getAvailabilityZonesOutput({
    state: "available",
    filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }], // excludes local zones, which an account must opt in to
  });
  const zone = (index: number) => names.apply((all) => all[index] ?? "");
  const subnet = (name: string, index: number, third: number, role: string, more: Partial<aws.ec2.SubnetArgs> = {}) =>
    new aws.ec2.Subnet(`${name}${index + 1}`, {
      vpcId: vpc.id,
      cidrBlock: `10.0.${third}.0/22`,
      availabilityZone: zone(index),
      ...tags(`${name}${index + 1}`, role),
      ...more,
    });
  const routed = (name: string, index: number, into: aws.ec2.Subnet, routes: $util.Input<$util.Input<Route>[]>) => {
    const table = new aws.ec2.RouteTable(`${name}RouteTable${index + 1}`, {
      vpcId: vpc.id,
      routes,
      ...tags(`${name}RouteTable${index + 1}`),
    });
    new aws.ec2.RouteTableAssociation(`${name}RouteTableAssociation${index + 1}`, {
      subnetId: into.id,
      routeTableId: table.id,
    });
    return table;
  };
  const open = hasPublicSubnets ? createPublicSubnets() : [];

  function createPublicSubnets(): aws.ec2.Subnet[] {
    const gateway = new aws.ec2.InternetGateway("VpcInternetGateway", { vpcId: vpc.id, ...tags("Vpc") });
    return ZONES.map((index) => {
      const made = subnet("VpcPublicSubnet", index, 8 * index, "elb", { mapPublicIpOnLaunch: false });
      routed("VpcPublic", index, made, [{ cidrBlock: "0.0.0.0/0", gatewayId: gateway.id }]);
      return made;
    });
  }

  return {
    id: vpc.id,
    publicSubnets: $output(open.map(({ id }) => id)),
    /** Creates one NAT gateway with an address in each zone, and returns them in the order of the zones. */
    createNatGateways: () =>
      open.map((made, index) => {
        const address = new aws.ec2.Eip(`VpcElasticIp${index + 1}`, {
          domain: "vpc",
          ...tags(`VpcElasticIp${index + 1}`),
        });
        return new aws.ec2.NatGateway(`VpcNatGateway${index + 1}`, {
          subnetId: made.id,
          allocationId: address.id,
          ...tags(`VpcNatGateway${index + 1}`),
        });
      }),
    /** Creates the private subnets. @param routesOf the routes of a zone's subnet to the internet */
    createPrivateSubnets(routesOf: (index: number) => $util.Input<Route>[]): Network {
      const tables = ZONES.map((index) => {
        const ipv6 = {
          assignIpv6AddressOnCreation: true,
          ipv6CidrBlock: vpc.ipv6CidrBlock.apply((block) => subnetOf(block, index)),
        };
        const made = subnet("VpcPrivateSubnet", index, 8 * index + 4, "internal-elb", isIpv6 ? ipv6 : {});
        return { made, table: routed("VpcPrivate", index, made, routesOf(index)) };
      });
      return {
        id: vpc.id,
        publicSubnets: $output(open.map(({ id }) => id)),
        privateSubnets: $output(tables.map(({ made }) => made.id)),
        privateRouteTables: $output(tables.map(({ table }) => table.id)),
      };
    },
  };
}
