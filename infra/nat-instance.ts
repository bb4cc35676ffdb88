import { nameOf } from "./stage.ts";
import type { Network } from "./vpc.ts";

/**
 * Path of the newest image of Amazon Linux, at the time when the instance is created. It is Amazon's own image, so
 * that no third party's is needed.
 */
const IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
const SET_UP = `#!/bin/bash
set -euo pipefail
echo net.ipv4.ip_forward=1 > /etc/sysctl.d/90-nat.conf
sysctl --system
# dnf reads the list of all packages into memory, and is killed for it on a machine with 512 MB and no swap.
if ! command -v nft > /dev/null; then
  dd if=/dev/zero of=/swapfile bs=1M count=1024
  chmod 600 /swapfile
  mkswap /swapfile
  swapon /swapfile
fi
# Amazon Linux 2023 comes without nftables. The network may need a moment after the boot: half an hour of attempts, not one.
for attempt in $(seq 1 60); do
  command -v nft > /dev/null || dnf install -y --setopt=install_weak_deps=False nftables || { sleep 30; continue; }
  break
done
cat > /etc/sysconfig/nftables.conf <<'END'
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    ip saddr 10.0.0.0/16 masquerade
  }
}
END
systemctl enable --now nftables
`;

interface NatInstance {
  readonly instance: aws.ec2.Instance;
  /** The target of routes for outgoing traffic. */
  readonly networkInterfaceId: $util.Output<string>;
}

/**
 * Creates one small instance for the outgoing traffic of all zones: $7 a month with its address, where NAT gateways
 * cost $33 each. SST's component creates an instance for each zone, which accepts traffic from the world on every
 * port (sst-notes §7).
 * @param ports that the instance forwards; it also fetches its own packages over 443
 */
export function createNatInstance(
  vpc: Pick<Network, "id" | "publicSubnets">,
  cidr: string,
  ports: readonly number[],
): NatInstance {
  const group = new aws.ec2.SecurityGroup("NatGroup", { vpcId: vpc.id, description: "NAT instance" });
  for (const port of ports) {
    const suffix = port === 443 ? "" : String(port);
    const tcp = { securityGroupId: group.id, ipProtocol: "tcp", fromPort: port, toPort: port };
    new aws.vpc.SecurityGroupIngressRule(`NatFromVpc${suffix}`, {
      ...tcp,
      description: "What leaves the VPC",
      cidrIpv4: cidr,
    });
    new aws.vpc.SecurityGroupEgressRule(`NatToInternet${suffix}`, {
      ...tcp,
      description: "To wherever functions may go",
      cidrIpv4: "0.0.0.0/0",
    });
  }
  const role = new aws.iam.Role("NatRole", {
    name: nameOf("nat", "role"),
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
    managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"],
  });
  // The interface gets its address before the instance boots, since the first boot installs packages from the
  // internet.
  const networkInterface = new aws.ec2.NetworkInterface("NatInterface", {
    subnetId: vpc.publicSubnets.apply(([first]) => first ?? $output("")),
    securityGroups: [group.id],
    sourceDestCheck: false,
    description: "NAT instance",
  });
  const address = new aws.ec2.Eip("NatAddress", { domain: "vpc" });
  const association = new aws.ec2.EipAssociation("NatAddressOnInterface", {
    allocationId: address.id,
    networkInterfaceId: networkInterface.id,
  });
  const instance = new aws.ec2.Instance(
    "NatInstance",
    {
      ami: aws.ssm.getParameterOutput({ name: IMAGE }).value,
      instanceType: "t4g.nano",
      networkInterfaces: [{ deviceIndex: 0, networkInterfaceId: networkInterface.id }],
      iamInstanceProfile: new aws.iam.InstanceProfile("NatProfile", { name: nameOf("nat", "role"), role: role.name })
        .name,
      monitoring: false,
      ebsOptimized: true,
      metadataOptions: { httpTokens: "required", httpEndpoint: "enabled", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, volumeType: "gp3" },
      userData: SET_UP,
      userDataReplaceOnChange: true,
      tags: { Name: `${$app.name}-${$app.stage}-nat` },
    },
    // A newer image must not replace a running instance during an unrelated deployment.
    { ignoreChanges: ["ami"], dependsOn: [association] },
  );
  return { instance, networkInterfaceId: networkInterface.id };
}
