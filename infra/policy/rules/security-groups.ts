import { list, number, type Resource, text } from "../resource.ts";
import { each, of, type Rule, together } from "../rule.ts";

const GROUP = "aws:ec2/securityGroup:SecurityGroup";
const DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";
const INGRESS = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";
const EGRESS = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule";

interface Opening {
  readonly cidrs: readonly string[];
  readonly protocol: string;
  readonly from: number;
  readonly to: number;
}

/** Returns the ports and sources that a security group rule allows, for a separate or an inline rule. */
const opening = (rule: unknown): Opening => ({
  cidrs: [text(rule, "cidrIpv4"), text(rule, "cidrIpv6"), ...list(rule, "cidrBlocks"), ...list(rule, "ipv6CidrBlocks")]
    .map((cidr) => text(cidr))
    .filter(Boolean),
  protocol: text(rule, "ipProtocol") || text(rule, "protocol"),
  from: number(rule, "fromPort"),
  to: number(rule, "toPort"),
});
const inward = (resource: Resource) =>
  (resource.type === GROUP ? list(resource, "ingress") : [resource.inputs]).map(opening);
const outward = (resource: Resource) =>
  (resource.type === GROUP ? list(resource, "egress") : [resource.inputs]).map(opening);
const isWorld = (cidr: string) => cidr.endsWith("/0");
const isEveryPort = ({ protocol, from, to }: Opening) => protocol === "-1" || to - from > 1000;
const reaches = ({ protocol, from, to }: Opening, port: number) => protocol === "-1" || (from <= port && port <= to);

export const securityGroups: readonly Rule[] = [
  each({
    id: "group-by-default-is-empty",
    says: "The VPC's default security group lets nothing in or out",
    source: "checkov CKV2_AWS_12, prowler ec2_securitygroup_default_restrict_traffic, sst-notes §12 N1",
    types: [DEFAULT_GROUP],
    passes: (group) => list(group, "ingress").length === 0 && list(group, "egress").length === 0,
  }),
  each({
    id: "group-is-closed-to-the-world",
    says: "No security group lets the world in, on any port",
    source:
      "checkov CKV_AWS_24, CKV_AWS_25, CKV_AWS_260, CKV_AWS_277, prowler ec2_securitygroup_allow_ingress_from_internet_to_any_port, sst-notes §12 N2",
    types: [GROUP, INGRESS],
    passes: (one) => inward(one).every(({ cidrs }) => !cidrs.some(isWorld)),
  }),
  each({
    id: "group-opens-few-ports",
    says: "No rule lets every port in",
    source: "prowler ec2_securitygroup_allow_ingress_from_internet_to_all_ports, infrastructure.md §4",
    types: [GROUP, INGRESS],
    passes: (one) => !inward(one).some(isEveryPort),
  }),
  each({
    id: "group-of-data-names-its-callers",
    says: "PostgreSQL and Valkey are open to security groups, and to no range of addresses",
    source:
      "prowler ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_postgres_5432, ec2_securitygroup_allow_ingress_from_internet_to_tcp_port_redis_6379",
    types: [INGRESS, GROUP],
    passes: (one) =>
      inward(one).every((each) => each.cidrs.length === 0 || ![5432, 6379].some((port) => reaches(each, port))),
  }),
  each({
    id: "group-does-not-let-everything-out",
    says: "No security group lets everything out to the world",
    source: "checkov CKV_AWS_382",
    types: [GROUP, EGRESS],
    passes: (one) => !outward(one).some((each) => isEveryPort(each) && each.cidrs.some(isWorld)),
  }),
  each({
    id: "group-sends-encrypted-only",
    says: "Functions reach the internet over TLS ports only: nothing leaves on ports 21, 23, 25 or 80",
    source: "infrastructure.md §4",
    types: [EGRESS],
    passes: (one) =>
      outward(one).every((each) => !each.cidrs.some(isWorld) || ![21, 23, 25, 80].some((port) => reaches(each, port))),
  }),
  each({
    id: "group-is-described",
    says: "Every security group and every rule says what it is for",
    source: "checkov CKV_AWS_23",
    types: [GROUP, INGRESS, EGRESS],
    passes: (one) => !["", "Managed by Pulumi"].includes(text(one, "description")),
  }),
  together({
    id: "group-has-few-rules",
    says: "A security group has rules that a reader can count",
    source: "prowler ec2_securitygroup_with_many_ingress_egress_rules",
    types: [GROUP],
    offenders: (resources) =>
      of(resources, GROUP).filter((group) => {
        const own = of(resources, INGRESS, EGRESS).filter(
          (rule) => text(rule, "securityGroupId") === text(group.outputs, "id"),
        );
        return own.length + list(group, "ingress").length + list(group, "egress").length > 20;
      }),
  }),
];
