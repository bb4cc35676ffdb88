import { type DeployerScope, type GrantStatement, allow, crud, wordsOf } from "./statement.ts";

/** Statements for the network, the database cluster and the cache. */
export function onNetwork(scope: DeployerScope): Readonly<Record<string, readonly GrantStatement[]>> {
  const { made, tagged } = wordsOf(scope);
  const network = [
    allow("NetworkReading", ["ec2:Describe*", "rds:Describe*", "elasticache:Describe*"], ["*"]),
    allow(
      "NewParts",
      [
        ...crud(
          "ec2",
          ["Vpc", "Subnet", "RouteTable", "SecurityGroup", "InternetGateway", "NatGateway", "VpcEndpoint"],
          ["Create"],
        ),
        "ec2:CreateEgressOnlyInternetGateway",
        "ec2:CreateFlowLogs",
        "ec2:CreateNetworkInterface",
        "ec2:AllocateAddress",
        "ec2:RunInstances",
        "ec2:ImportKeyPair",
        "ec2:CreateTags",
        ...crud(
          "rds",
          ["DBCluster", "DBInstance", "DBSubnetGroup", "DBParameterGroup", "DBClusterParameterGroup"],
          ["Create"],
        ),
        "rds:AddTagsToResource",
        ...crud(
          "elasticache",
          ["ReplicationGroup", "ServerlessCache", "CacheSubnetGroup", "CacheParameterGroup", "User", "UserGroup"],
          ["Create"],
        ),
        "elasticache:AddTagsToResource",
      ],
      ["*"],
      made,
    ),
    allow(
      "OwnParts",
      [
        ...crud(
          "ec2",
          [
            "Vpc",
            "Subnet",
            "RouteTable",
            "SecurityGroup",
            "InternetGateway",
            "NatGateway",
            "VpcEndpoints",
            "NetworkInterface",
            "Route",
            "KeyPair",
            "FlowLogs",
          ],
          ["Delete"],
        ),
        "ec2:DeleteEgressOnlyInternetGateway",
        "ec2:ModifyVpcAttribute",
        "ec2:ModifySubnetAttribute",
        "ec2:ModifyNetworkInterfaceAttribute",
        "ec2:ModifyVpcEndpoint",
        "ec2:CreateRoute",
        "ec2:ReplaceRoute",
        ...crud("ec2", ["RouteTable"], ["Associate", "Disassociate"]),
        ...crud("ec2", ["InternetGateway"], ["Attach", "Detach"]),
        ...crud("ec2", ["Address"], ["Associate", "Disassociate", "Release"]),
        ...crud("ec2", ["SecurityGroupIngress", "SecurityGroupEgress"], ["Authorize", "Revoke"]),
        "ec2:TerminateInstances",
        "ec2:ModifyInstanceAttribute",
        ...crud(
          "rds",
          ["DBCluster", "DBInstance", "DBSubnetGroup", "DBParameterGroup", "DBClusterParameterGroup"],
          ["Modify", "Delete"],
        ),
        "rds:ListTagsForResource",
        ...crud(
          "elasticache",
          ["ReplicationGroup", "ServerlessCache", "CacheSubnetGroup", "CacheParameterGroup", "User", "UserGroup"],
          ["Modify", "Delete"],
        ),
        "elasticache:ListTagsForResource",
      ],
      ["*"],
      tagged,
    ),
  ];
  return { network };
}
