import type { createNatInstance } from "./nat-instance.ts";
import { deployment, stage } from "./stage.ts";
import { type Network, VPC_CIDR } from "./vpc.ts";

/** The host through which `sst tunnel` connects, by its security group. */
export type Bastion = { readonly securityGroupId: $util.Output<string> };
type NatInstance = ReturnType<typeof createNatInstance>;

/**
 * Creates SST's own network, for the stage with a bastion: `sst tunnel` works only with that component.
 * @param createNat creates the NAT instance, which forwards outgoing traffic
 */
export function createVpcWithBastion(createNat: (vpc: Pick<Network, "id" | "publicSubnets">) => NatInstance) {
  const vpc: sst.aws.Vpc = new sst.aws.Vpc("Vpc", {
    az: stage.zones,
    bastion: true,
    transform: {
      // Closes the VPC's default security group: each component has a group of its own that admits only its clients.
      securityGroup: { ingress: [], egress: [] },
      publicSubnet: { mapPublicIpOnLaunch: false },
      privateRouteTable: (args) => {
        args.routes = [{ cidrBlock: "0.0.0.0/0", networkInterfaceId: natInstance.networkInterfaceId }];
      },
      bastionSecurityGroup: {
        description: "SSH to the bastion of sst tunnel",
        ingress: deployment.bastionCidrs.map((cidr) => ({
          protocol: "tcp",
          fromPort: 22,
          toPort: 22,
          cidrBlocks: [cidr],
        })),
        // Outgoing traffic of the bastion may reach the VPC, for the tunnel, and package servers.
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
  const ids = (subnets: $util.Output<$util.Output<string>[]>) => subnets.apply((each) => $output(each));
  const publicSubnets = ids(vpc.publicSubnets);
  const natInstance: NatInstance = createNat({ id: vpc.id, publicSubnets });
  return {
    vpc: {
      id: vpc.id,
      publicSubnets,
      privateSubnets: ids(vpc.privateSubnets),
      privateRouteTables: vpc.nodes.privateRouteTables.apply((tables) => $output(tables.map((table) => table.id))),
    },
    natInstance,
    bastion: {
      securityGroupId: vpc.nodes.bastionInstance
        .apply((host) => $output(host?.vpcSecurityGroupIds ?? []))
        .apply(([first]) => first ?? ""),
    },
  };
}
