import { allowed, namesItsSource } from "../document.ts";
import { at, list, type Resource, text } from "../resource.ts";
import {
  each,
  missing,
  never,
  of,
  production,
  type Rule,
  type Scope,
  tenants,
  together,
  unlessAny,
  withNetwork,
} from "../rule.ts";

const VPC = "aws:ec2/vpc:Vpc";
const SUBNET = "aws:ec2/subnet:Subnet";
const TABLE = "aws:ec2/routeTable:RouteTable";
const FLOW_LOG = "aws:ec2/flowLog:FlowLog";
const ENDPOINT = "aws:ec2/vpcEndpoint:VpcEndpoint";
const NAT = "aws:ec2/natGateway:NatGateway";
const EIP = "aws:ec2/eip:Eip";
const ASSOCIATION = "aws:ec2/eipAssociation:EipAssociation";
const withoutIpv4: Scope = { label: "stages over IPv6", includes: ({ stage }) => stage.egress === "ipv6" };
const withKubernetes: Scope = { label: "stages with EKS", includes: ({ stage }) => stage.hasEks };

const privateTables = (resources: readonly Resource[]) =>
  of(resources, TABLE).filter(({ name }) => /private/i.test(name));
const zones = (resources: readonly Resource[], part: RegExp) =>
  new Set(
    of(resources, SUBNET)
      .filter(({ name }) => part.test(name))
      .map((subnet) => text(subnet, "availabilityZone")),
  );
const id = (resource: Resource) => text(resource.outputs, "id") || text(resource, "id");
const s3Gateways = (resources: readonly Resource[]) =>
  of(resources, ENDPOINT).filter(
    (one) => text(one, "serviceName").endsWith(".s3") && text(one, "vpcEndpointType") === "Gateway",
  );

export const network: readonly Rule[] = [
  together({
    id: "vpc-logs-flows",
    says: "Every VPC logs the connections of its interfaces",
    source: "checkov CKV2_AWS_11, prowler vpc_flow_logs_enabled, sst-notes §12 N4",
    types: [VPC],
    offenders: (resources) =>
      of(resources, VPC).filter((vpc) => !of(resources, FLOW_LOG).some((one) => text(one, "vpcId") === id(vpc))),
  }),
  each({
    id: "vpc-logs-refused-connections",
    says: "Refused connections are among those that are logged",
    source: "prowler vpc_flow_logs_enabled",
    types: [FLOW_LOG],
    passes: (one) => ["ALL", "REJECT"].includes(text(one, "trafficType")),
  }),
  each({
    id: "vpc-of-production-logs-everything",
    says: "Production logs accepted connections as well: they tell what left",
    source: "infrastructure.md §4",
    scope: production,
    types: [FLOW_LOG],
    passes: (one) => text(one, "trafficType") === "ALL",
  }),
  each({
    id: "vpc-resolves-names",
    says: "A VPC resolves names: the endpoints of database and cache are names",
    source: "AWS documentation, DNS attributes for your VPC",
    types: [VPC],
    passes: (vpc) => at(vpc, "enableDnsSupport") === true && at(vpc, "enableDnsHostnames") === true,
  }),
  together({
    id: "subnets-span-zones",
    says: "There are private subnets in every zone of the stage",
    source: "prowler vpc_subnet_different_az, infrastructure.md §2",
    scope: withNetwork,
    types: [SUBNET],
    offenders: (resources, { stage }) => (zones(resources, /private/i).size >= stage.zones ? [] : [missing(SUBNET)]),
  }),
  together({
    id: "subnets-are-public-or-private",
    says: "A private subnet has no way in from the internet",
    source: "prowler vpc_subnet_separate_private_public",
    types: [TABLE],
    offenders: (resources) =>
      privateTables(resources).filter((table) =>
        list(table, "routes").some((route) => text(route, "gatewayId") !== ""),
      ),
  }),
  each({
    id: "subnets-keep-their-names",
    says: "Subnets keep the name by which SST finds them again",
    source: "sst-notes §7",
    types: [SUBNET],
    passes: (subnet) => /Public|Private/.test(text(subnet, "tags.Name")),
  }),
  together({
    id: "subnets-are-tagged-for-load-balancers",
    says: "Subnets say which load balancers of Kubernetes belong there",
    source: "sst-notes §7",
    scope: withKubernetes,
    types: [SUBNET],
    offenders: (resources) =>
      of(resources, SUBNET).filter((subnet) => {
        const role = /private/i.test(subnet.name) ? "internal-elb" : "elb";
        return Reflect.get(Object(at(subnet, "tags")), `kubernetes.io/role/${role}`) !== "1";
      }),
  }),
  together({
    id: "vpc-reaches-s3-inside",
    says: "S3 is reached without leaving AWS, free of charge",
    source: "sst-notes §12 N6, infrastructure.md §4",
    scope: withNetwork,
    types: [VPC],
    offenders: (resources) => unlessAny(s3Gateways(resources), ENDPOINT),
  }),
  together({
    id: "vpc-reaches-s3-from-every-subnet",
    says: "Every private subnet reaches S3 that way",
    source: "sst-notes §7",
    types: [TABLE],
    offenders: (resources) => {
      const covered = s3Gateways(resources).flatMap((one) => list(one, "routeTableIds"));
      return privateTables(resources).filter((table) => !covered.includes(id(table)));
    },
  }),
  each({
    id: "endpoint-cannot-carry-data-off",
    says: "An endpoint leads to buckets of this account, or to named ones that can only be read",
    source: "prowler vpc_endpoint_connections_trust_boundaries",
    types: [ENDPOINT],
    passes: (endpoint) => {
      const statements = allowed(at(endpoint, "policy"));
      return (
        statements.length > 0 &&
        statements.every(
          (one) =>
            "aws:ResourceAccount" in Object.assign({}, ...Object.values(one.Condition)) ||
            namesItsSource(one) ||
            (one.Action.every((action) => action === "s3:GetObject") &&
              one.Resource.every((arn) => !/:::\*/.test(arn))),
        )
      );
    },
  }),
  together({
    id: "tenant-has-no-interface-endpoint",
    says: "A tenant has no interface endpoint: each is paid by the hour and the zone",
    source: "infrastructure.md §3",
    scope: tenants,
    types: [ENDPOINT],
    offenders: (resources) => of(resources, ENDPOINT).filter((one) => text(one, "vpcEndpointType") === "Interface"),
  }),
  together({
    id: "nat-gateway-in-every-zone",
    says: "Losing a zone takes no other zone's way out: there are as many NAT gateways as zones, or none",
    source: "infrastructure.md §2",
    scope: production,
    types: [NAT],
    offenders: (resources, { stage }) =>
      stage.egress !== "nat-gateways" ||
      new Set(of(resources, NAT).map((one) => text(one, "subnetId"))).size >= stage.zones
        ? []
        : [missing(NAT)],
  }),
  never({
    id: "tenant-has-no-nat-gateway",
    says: "A tenant has no NAT gateway: one costs $33 a month",
    source: "infrastructure.md §2, sst-notes §12 G2",
    scope: tenants,
    types: [NAT],
  }),
  together({
    id: "ipv6-only-leaves",
    says: "IPv6 leads out of private subnets and never in",
    source: "infrastructure.md §2, sst-notes §7",
    scope: withoutIpv4,
    types: [TABLE],
    offenders: (resources) =>
      privateTables(resources).filter(
        (table) =>
          !list(table, "routes").some(
            (route) => text(route, "ipv6CidrBlock") === "::/0" && text(route, "egressOnlyGatewayId") !== "",
          ),
      ),
  }),
  together({
    id: "address-is-in-use",
    says: "Every public address belongs to an instance or a NAT gateway: an idle one is paid all the same",
    source: "checkov CKV2_AWS_19, prowler ec2_elastic_ip_unassigned",
    types: [EIP],
    offenders: (resources) =>
      of(resources, EIP).filter(
        (address) =>
          !of(resources, ASSOCIATION).some((association) => text(association, "allocationId") === id(address)) &&
          !of(resources, NAT).some((nat) => text(nat, "allocationId") === id(address)),
      ),
  }),
];
