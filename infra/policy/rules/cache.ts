import { at, list, number, text } from "../resource.ts";
import { each, largeProduction, never, of, production, type Rule, tenants, together } from "../rule.ts";
import { inPublicSubnets } from "./subnets.ts";

const NODES = "aws:elasticache/replicationGroup:ReplicationGroup";
const SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache";
const SUBNETS = "aws:elasticache/subnetGroup:SubnetGroup";
const USER = "aws:elasticache/user:User";

export const cache: readonly Rule[] = [
  each({
    id: "cache-refuses-plain-text",
    says: "The cache refuses connections without TLS, even during a migration",
    source: "sst-notes §4",
    types: [NODES],
    passes: (group) => text(group, "transitEncryptionMode") === "required",
  }),
  each({
    id: "cache-takes-minor-upgrades",
    says: "Security fixes of Valkey are taken in the maintenance window",
    source: "checkov CKV_AWS_322, prowler elasticache_redis_cluster_auto_minor_version_upgrades",
    types: [NODES],
    passes: (group) => at(group, "autoMinorVersionUpgrade") === true,
  }),
  each({
    id: "cache-spans-zones",
    says: "The cache has nodes in several zones",
    source: "prowler elasticache_redis_cluster_multi_az_enabled, sst-notes §12 R3",
    scope: production,
    types: [NODES],
    passes: (group) => at(group, "multiAzEnabled") === true,
  }),
  each({
    id: "cache-fails-over",
    says: "A replica takes over by itself when the primary is lost",
    source: "checkov CKV2_AWS_50, prowler elasticache_redis_cluster_automatic_failover_enabled",
    scope: production,
    types: [NODES],
    passes: (group) => at(group, "automaticFailoverEnabled") === true,
  }),
  each({
    id: "cache-has-three-nodes",
    says: "The cache has a node in each of the three zones",
    source: "infrastructure.md §1",
    scope: largeProduction,
    types: [NODES],
    passes: (group) => number(group, "numCacheClusters") >= 3,
  }),
  each({
    id: "cache-is-backed-up",
    says: "The cache is saved every day, for a week",
    source: "checkov CKV_AWS_134, prowler elasticache_redis_cluster_backup_enabled, sst-notes §12 R4",
    scope: production,
    types: [NODES],
    passes: (group) => number(group, "snapshotRetentionLimit") >= 7,
  }),
  each({
    id: "cache-is-one-shard",
    says: "The cache is one shard: the client speaks to one primary, and commands over several keys work",
    source: "sst-notes §4",
    types: [NODES],
    passes: (group) => text(group, "clusterMode") === "disabled",
  }),
  each({
    id: "cache-is-valkey",
    says: "The cache's engine is the one that is tested, priced and still free software",
    source: "infrastructure.md §1, sst-notes §12 R5",
    types: [NODES, SERVERLESS],
    passes: (group) => text(group, "engine") === "valkey",
  }),
  each({
    id: "cache-has-own-subnets",
    says: "The cache names its subnets and does not take the default ones",
    source: "checkov CKV_AWS_323",
    types: [NODES],
    passes: (group) => !["", "default"].includes(text(group, "subnetGroupName")),
  }),
  together({
    id: "cache-subnets-are-private",
    says: "The cache lies in private subnets",
    source: "prowler elasticache_cluster_uses_public_subnet",
    types: [SUBNETS],
    offenders: inPublicSubnets([SUBNETS], "subnetIds"),
  }),
  together({
    id: "cache-has-own-security-group",
    says: "The cache belongs to a security group of its own, not to the VPC's default",
    source: "sst-notes §4",
    types: [NODES, SERVERLESS],
    offenders: (resources) => {
      const defaults = of(resources, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup");
      const ids = defaults.map((group) => text(group.outputs, "id"));
      return of(resources, NODES, SERVERLESS).filter((one) => {
        const groups = list(one, "securityGroupIds");
        return groups.length === 0 || groups.some((id) => ids.includes(text(id)));
      });
    },
  }),
  each({
    id: "serverless-cache-asks-for-password",
    says: "The serverless cache has users, and no default one without a password",
    source: "sst-notes §4",
    types: [SERVERLESS],
    passes: (one) => text(one, "userGroupId") !== "",
  }),
  each({
    id: "serverless-cache-has-ceiling",
    says: "The serverless cache cannot grow beyond what a small community pays for",
    source: "infrastructure.md §2, sst-notes §4",
    types: [SERVERLESS],
    passes: (one) =>
      number(one, "cacheUsageLimits.dataStorage.maximum") <= 5 &&
      list(one, "cacheUsageLimits.ecpuPerSeconds").some((limit) => number(limit, "maximum") <= 5000),
  }),
  each({
    id: "cache-user-has-password",
    says: "Every user of the cache has a password or signs in by IAM",
    source: "AWS documentation, ElastiCache RBAC",
    types: [USER],
    passes: (user) => ["password", "iam"].includes(text(user, "authenticationMode.type")),
  }),
  each({
    id: "cache-user-cannot-administer",
    says: "Functions may neither flush nor reconfigure the cache",
    source: "infrastructure.md §4",
    types: [USER],
    passes: (user) => ["-@dangerous", "-@admin"].every((group) => text(user, "accessString").includes(group)),
  }),
  never({
    id: "tenant-has-no-cache-node",
    says: "A tenant has no cache node: it would cost more than everything else",
    source: "infrastructure.md §2",
    scope: tenants,
    types: [NODES],
  }),
];
