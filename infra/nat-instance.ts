/** Amazon's own image, so that nothing depends on a third party's; the newest at the time the instance is made. */
const IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64";
const SET_UP = `#!/bin/bash
set -euo pipefail
echo net.ipv4.ip_forward=1 > /etc/sysctl.d/90-nat.conf
sysctl --system
dnf install -y nftables
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

/**
 * One small instance that carries outgoing traffic of all zones: $7 a month with its address, where NAT gateways are $33 each. SST's
 * own makes one for each zone, open to the world on every port (sst-notes §7).
 * @param ports that it carries: it fetches its own packages over 443 as well
 */
export function createNatInstance(vpc: sst.aws.Vpc, cidr: string, ports: readonly number[]): aws.ec2.Instance {
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
    assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "ec2.amazonaws.com" }),
    managedPolicyArns: ["arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"],
  });
  const instance = new aws.ec2.Instance(
    "NatInstance",
    {
      ami: aws.ssm.getParameterOutput({ name: IMAGE }).value,
      instanceType: "t4g.nano",
      subnetId: vpc.publicSubnets.apply(([first]) => first ?? $output("")),
      vpcSecurityGroupIds: [group.id],
      iamInstanceProfile: new aws.iam.InstanceProfile("NatProfile", { role: role.name }).name,
      sourceDestCheck: false,
      monitoring: false,
      ebsOptimized: true,
      metadataOptions: { httpTokens: "required", httpEndpoint: "enabled", httpPutResponseHopLimit: 1 },
      rootBlockDevice: { encrypted: true, volumeType: "gp3" },
      userData: SET_UP,
      userDataReplaceOnChange: true,
      tags: { Name: `${$app.name}-${$app.stage}-nat` },
    },
    // A newer image must not replace a running instance in the middle of some other deployment.
    { ignoreChanges: ["ami"] },
  );
  new aws.ec2.Eip("NatAddress", { domain: "vpc", instance: instance.id });
  return instance;
}
