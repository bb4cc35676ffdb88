import { at, list, number, text } from "../resource.ts";
import { alwaysOn, each, largeProduction, missing, of, type Rule, together } from "../rule.ts";
import { inPublicSubnets } from "./subnets.ts";

const INSTANCE = "aws:rds/clusterInstance:ClusterInstance";
const CLUSTER = "aws:rds/cluster:Cluster";
const DEFAULT_GROUP = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup";

export const databaseInstances: readonly Rule[] = [
  each({
    id: "instance-of-database-shows-its-load",
    says: "A week of the database's load can be looked at, by query",
    source: "checkov CKV_AWS_353",
    scope: alwaysOn,
    types: [INSTANCE],
    passes: (instance) => at(instance, "performanceInsightsEnabled") === true,
  }),
  each({
    id: "instance-of-database-tags-snapshots",
    says: "Snapshots of an instance carry its tags",
    source: "checkov CKV2_AWS_60, prowler rds_instance_copy_tags_to_snapshots",
    types: [INSTANCE],
    passes: (instance) => at(instance, "copyTagsToSnapshot") === true,
  }),
  each({
    id: "instance-of-database-is-serverless",
    says: "The database is paid by what it does, not by the hour of a machine",
    source: "infrastructure.md §1",
    types: [INSTANCE],
    passes: (instance) => text(instance, "instanceClass") === "db.serverless",
  }),
  together({
    id: "database-has-reader",
    says: "The database has an instance in another zone to fail over to",
    source: "prowler rds_cluster_multi_az, sst-notes §12 D9",
    scope: largeProduction,
    types: [INSTANCE],
    offenders: (resources) => (of(resources, INSTANCE).length >= 2 ? [] : [missing(INSTANCE)]),
  }),
  together({
    id: "database-fails-over-at-once",
    says: "A reader keeps pace with the writer, so that failing over to it is quick (tier 0 or 1)",
    source: "sst-notes §3",
    scope: largeProduction,
    types: [INSTANCE],
    offenders: (resources) =>
      of(resources, INSTANCE).some((instance) => number(instance, "promotionTier") <= 1) ? [] : [missing(INSTANCE)],
  }),
  together({
    id: "database-has-own-security-group",
    says: "The database belongs to a security group of its own, not to the VPC's default",
    source: "sst-notes §3",
    types: [CLUSTER],
    offenders: (resources) => {
      const defaults = of(resources, DEFAULT_GROUP).map((group) => text(group.outputs, "id"));
      return of(resources, CLUSTER).filter((cluster) => {
        const groups = list(cluster, "vpcSecurityGroupIds");
        return groups.length === 0 || groups.some((id) => defaults.includes(text(id)));
      });
    },
  }),
  together({
    id: "database-subnets-are-private",
    says: "The database lies in private subnets",
    source: "prowler rds_instance_inside_vpc, infrastructure.md §1",
    types: ["aws:rds/subnetGroup:SubnetGroup"],
    offenders: inPublicSubnets(["aws:rds/subnetGroup:SubnetGroup"], "subnetIds"),
  }),
  each({
    id: "database-subnets-span-zones",
    says: "The database can move to any zone of its stage",
    source: "infrastructure.md §2",
    types: ["aws:rds/subnetGroup:SubnetGroup"],
    passes: (group, { stage }) => list(group, "subnetIds").length >= stage.zones,
  }),
];
