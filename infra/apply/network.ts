import { type Call, type Inputs, type Translator, call, listOf, recordOf, recordsOf, tagsOf } from "./call.ts";

const ec2 = (operation: string) => ["ec2", operation] as const;
const EVERYTHING = { ipProtocol: "-1", ipRanges: [{ cidrIp: "0.0.0.0/0" }] };

const tagged = (inputs: Inputs, resourceType: string) => {
  const { tags = [] } = tagsOf(inputs);
  return { tags: undefined, ...(tags.length > 0 ? { tagSpecifications: [{ resourceType, tags }] } : {}) };
};

/** Converts a security group rule, separate or inline, to EC2's `IpPermission`. */
function permission(rule: Inputs): Inputs {
  const description = rule["description"] === undefined ? {} : { description: rule["description"] };
  return {
    ipProtocol: rule["ipProtocol"] ?? rule["protocol"],
    fromPort: rule["fromPort"],
    toPort: rule["toPort"],
    ipRanges: [...listOf(rule["cidrBlocks"]), ...listOf([rule["cidrIpv4"]])].flatMap((cidrIp) =>
      cidrIp === undefined ? [] : [{ cidrIp, ...description }],
    ),
    ipv6Ranges: rule["cidrIpv6"] === undefined ? [] : [{ cidrIpv6: rule["cidrIpv6"], ...description }],
    userIdGroupPairs:
      rule["referencedSecurityGroupId"] === undefined
        ? []
        : [{ groupId: rule["referencedSecurityGroupId"], ...description }],
    prefixListIds: rule["prefixListId"] === undefined ? [] : [{ prefixListId: rule["prefixListId"], ...description }],
  };
}

const rule =
  (direction: "Ingress" | "Egress"): Translator =>
  (inputs) => [
    call(ec2(`AuthorizeSecurityGroup${direction}`), {
      groupId: inputs["securityGroupId"],
      ipPermissions: [permission(inputs)],
    }),
  ];

/** Returns the separate call by which EC2 sets an attribute; no call if the value is undefined. */
const attribute = (operation: string, id: Inputs, name: string, value: unknown): Call[] =>
  value === undefined ? [] : [call(ec2(operation), { ...id, [name]: { value } })];

export const network: Readonly<Record<string, Translator>> = {
  "aws:ec2/vpc:Vpc": (inputs, { id, outputs }) => {
    const of = { vpcId: id };
    return [
      call(
        ec2("CreateVpc"),
        { ...inputs, ...tagged(inputs, "vpc") },
        {
          assignGeneratedIpv6CidrBlock: "amazonProvidedIpv6CidrBlock",
          enableDnsHostnames: undefined,
          enableDnsSupport: undefined,
        },
        { [id]: "Vpc.VpcId" },
      ),
      ...attribute("ModifyVpcAttribute", of, "enableDnsSupport", inputs["enableDnsSupport"]),
      ...attribute("ModifyVpcAttribute", of, "enableDnsHostnames", inputs["enableDnsHostnames"]),
      {
        ...call(ec2("DescribeRouteTables"), { filters: [{ name: "vpc-id", values: [id] }] }),
        made: { [String(outputs["mainRouteTableId"])]: "RouteTables[0].RouteTableId" },
      },
    ];
  },
  "aws:ec2/subnet:Subnet": (inputs, { id }) => [
    call(
      ec2("CreateSubnet"),
      { ...inputs, ...tagged(inputs, "subnet") },
      { mapPublicIpOnLaunch: undefined, assignIpv6AddressOnCreation: undefined },
      { [id]: "Subnet.SubnetId" },
    ),
    ...["mapPublicIpOnLaunch", "assignIpv6AddressOnCreation"].flatMap((name) =>
      attribute("ModifySubnetAttribute", { subnetId: id }, name, inputs[name]),
    ),
  ],
  "aws:ec2/internetGateway:InternetGateway": (inputs, { id }) => [
    call(
      ec2("CreateInternetGateway"),
      { ...inputs, ...tagged(inputs, "internet-gateway") },
      { vpcId: undefined },
      {
        [id]: "InternetGateway.InternetGatewayId",
      },
    ),
    call(ec2("AttachInternetGateway"), { internetGatewayId: id, vpcId: inputs["vpcId"] }),
  ],
  "aws:ec2/egressOnlyInternetGateway:EgressOnlyInternetGateway": (inputs, { id }) => [
    call(
      ec2("CreateEgressOnlyInternetGateway"),
      { ...inputs, ...tagged(inputs, "egress-only-internet-gateway") },
      {},
      { [id]: "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId" },
    ),
  ],
  "aws:ec2/routeTable:RouteTable": (inputs, { id }) => [
    call(
      ec2("CreateRouteTable"),
      { ...inputs, ...tagged(inputs, "route-table") },
      { routes: undefined },
      { [id]: "RouteTable.RouteTableId" },
    ),
    ...recordsOf(inputs["routes"]).map((route) =>
      call(
        ec2("CreateRoute"),
        { routeTableId: id, ...route },
        {
          cidrBlock: "destinationCidrBlock",
          ipv6CidrBlock: "destinationIpv6CidrBlock",
          egressOnlyGatewayId: "egressOnlyInternetGatewayId",
        },
      ),
    ),
  ],
  "aws:ec2/routeTableAssociation:RouteTableAssociation": (inputs) => [call(ec2("AssociateRouteTable"), inputs)],
  "aws:ec2/eip:Eip": (inputs, { id }) => [
    call(ec2("AllocateAddress"), { ...inputs, ...tagged(inputs, "elastic-ip") }, {}, { [id]: "AllocationId" }),
  ],
  "aws:ec2/eipAssociation:EipAssociation": (inputs) => [call(ec2("AssociateAddress"), inputs)],
  "aws:ec2/natGateway:NatGateway": (inputs, { id }) => [
    call(
      ec2("CreateNatGateway"),
      { ...inputs, ...tagged(inputs, "natgateway") },
      {},
      { [id]: "NatGateway.NatGatewayId" },
    ),
  ],
  "aws:ec2/networkInterface:NetworkInterface": (inputs, { id }) => [
    call(
      ec2("CreateNetworkInterface"),
      { ...inputs, ...tagged(inputs, "network-interface") },
      { securityGroups: "groups", sourceDestCheck: undefined },
      { [id]: "NetworkInterface.NetworkInterfaceId" },
    ),
    ...attribute(
      "ModifyNetworkInterfaceAttribute",
      { networkInterfaceId: id },
      "sourceDestCheck",
      inputs["sourceDestCheck"],
    ),
  ],
  "aws:ec2/instance:Instance": (inputs, { id }) => {
    const { associatePublicIpAddress, subnetId, vpcSecurityGroupIds } = inputs;
    const own = { deviceIndex: 0, associatePublicIpAddress, subnetId, groups: vpcSecurityGroupIds };
    return [
      call(
        ec2("RunInstances"),
        {
          ...inputs,
          ...tagged(inputs, "instance"),
          minCount: 1,
          maxCount: 1,
          iamInstanceProfile: { name: inputs["iamInstanceProfile"] },
          ...(inputs["monitoring"] === undefined ? {} : { monitoring: { enabled: inputs["monitoring"] } }),
          networkInterfaces: inputs["networkInterfaces"] ?? [own],
          rootBlockDevice: undefined,
          // moto 5.2.5 requires the volume size, which AWS takes from the image.
          blockDeviceMappings: [
            { deviceName: "/dev/xvda", ebs: { volumeSize: 8, ...recordOf(inputs["rootBlockDevice"]) } },
          ],
        },
        {
          ami: "imageId",
          associatePublicIpAddress: undefined,
          subnetId: undefined,
          vpcSecurityGroupIds: undefined,
          userDataReplaceOnChange: undefined,
        },
        { [id]: "Instances[0].InstanceId" },
      ),
    ];
  },
  "aws:ec2/keyPair:KeyPair": (inputs) => [call(ec2("ImportKeyPair"), inputs, { publicKey: "publicKeyMaterial" })],
  "aws:ec2/flowLog:FlowLog": (inputs) => [
    call(
      ec2("CreateFlowLogs"),
      { ...inputs, ...tagged(inputs, "vpc-flow-log"), resourceIds: [inputs["vpcId"]], resourceType: "VPC" },
      { iamRoleArn: "deliverLogsPermissionArn", vpcId: undefined },
    ),
  ],
  "aws:ec2/vpcEndpoint:VpcEndpoint": (inputs) => [
    call(ec2("CreateVpcEndpoint"), { ...inputs, ...tagged(inputs, "vpc-endpoint") }, { policy: "policyDocument" }),
  ],
  "aws:ec2/securityGroup:SecurityGroup": (inputs, resource) => {
    const { id, name } = resource;
    const rules = (key: string) => recordsOf(inputs[key]).map(permission);
    const [ingress, egress] = [rules("ingress"), rules("egress")];
    return [
      call(
        ec2("CreateSecurityGroup"),
        {
          groupName: `${name}-0123456`,
          description: "Managed by Pulumi",
          ...inputs,
          ...tagged(inputs, "security-group"),
        },
        { ingress: undefined, egress: undefined },
        { [id]: "GroupId" },
      ),
      // The provider removes the egress rule that AWS adds by default.
      call(ec2("RevokeSecurityGroupEgress"), { groupId: id, ipPermissions: [EVERYTHING] }),
      ...(ingress.length > 0
        ? [call(ec2("AuthorizeSecurityGroupIngress"), { groupId: id, ipPermissions: ingress })]
        : []),
      ...(egress.length > 0 ? [call(ec2("AuthorizeSecurityGroupEgress"), { groupId: id, ipPermissions: egress })] : []),
    ];
  },
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (inputs, { id }) => [
    call(
      ec2("DescribeSecurityGroups"),
      {
        filters: [
          { name: "group-name", values: ["default"] },
          { name: "vpc-id", values: [inputs["vpcId"]] },
        ],
      },
      {},
      { [id]: "SecurityGroups[0].GroupId" },
    ),
    call(ec2("RevokeSecurityGroupEgress"), { groupId: id, ipPermissions: [EVERYTHING] }),
    ...(inputs["tags"] === undefined ? [] : [call(ec2("CreateTags"), { resources: [id], ...tagsOf(inputs) })]),
  ],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": rule("Ingress"),
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": rule("Egress"),
  "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": (inputs) => [
    call(["servicediscovery", "CreatePrivateDnsNamespace"], { ...inputs, ...tagsOf(inputs) }),
  ],
  "aws:route53/record:Record": (inputs) => {
    const { zoneId, aliases, records, ...set } = inputs;
    const [alias] = recordsOf(aliases);
    return [
      call(["route53", "ChangeResourceRecordSets"], {
        hostedZoneId: zoneId,
        changeBatch: {
          changes: [
            {
              action: inputs["allowOverwrite"] === true ? "UPSERT" : "CREATE",
              resourceRecordSet: {
                ...set,
                allowOverwrite: undefined,
                ...(records === undefined ? {} : { resourceRecords: listOf(records).map((value) => ({ value })) }),
                ...(alias === undefined
                  ? {}
                  : {
                      aliasTarget: {
                        hostedZoneId: alias["zoneId"],
                        dnsName: alias["name"],
                        evaluateTargetHealth: alias["evaluateTargetHealth"],
                      },
                    }),
              },
            },
          ],
        },
      }),
    ];
  },
};
