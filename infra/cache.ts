import { functionsGroup, vpc } from "./network.ts";
import { nameOf, stage } from "./stage.ts";

/** The security group of the cache, whose rules list the cache's clients; undefined without a cache. */
export const cacheGroup = stage.cache.kind === "none" ? undefined : createGroup();
/** The link `Cache` of functions; undefined on stages that use memory and PostgreSQL instead of Redis. */
export const cache = createCache();

function createCache(): sst.aws.Redis | sst.Linkable<object> | undefined {
  const shape = stage.cache;
  if (shape.kind === "none" || cacheGroup === undefined) return undefined;
  if (shape.kind === "serverless") return createServerless(shape, cacheGroup);
  const isSpread = shape.nodes > 1;
  return new sst.aws.Redis("Cache", {
    engine: "valkey",
    version: "8.0",
    instance: shape.nodeType,
    // The cache has one shard, so that the client connects to the primary and commands with several keys work.
    cluster: false,
    vpc: { subnets: vpc.privateSubnets, securityGroups: [cacheGroup.id] },
    ...(stage.kind === "personal" ? { dev: { host: "localhost", port: 6379 } } : {}),
    transform: {
      cluster: {
        numCacheClusters: shape.nodes,
        automaticFailoverEnabled: isSpread,
        multiAzEnabled: isSpread,
        autoMinorVersionUpgrade: true,
        snapshotRetentionLimit: shape.snapshotDays,
        snapshotWindow: "18:00-19:00",
        maintenanceWindow: "sun:20:00-sun:21:00",
      },
    },
  });
}

/**
 * Returns the names of the cache's nodes, by which ElastiCache publishes their metrics (User Guide, "Metrics for
 * Valkey and Redis OSS").
 */
export function cacheNodes(redis: sst.aws.Redis): $util.Output<string>[] {
  const count = stage.cache.kind === "nodes" ? stage.cache.nodes : 0;
  return Array.from(
    { length: count },
    (_, index) => $interpolate`${redis.clusterId}-${String(index + 1).padStart(3, "0")}`,
  );
}

/** Creates a serverless cache. It authenticates clients by a user group, since it has no auth token. */
function createServerless(shape: { maxStorageGb: number; maxEcpuPerSecond: number }, group: aws.ec2.SecurityGroup) {
  const password = new random.RandomPassword("CachePassword", { length: 32, special: false });
  const user = new aws.elasticache.User("CacheUser", {
    userId: nameOf("cache", "elastiCache"),
    userName: "gotong",
    engine: "valkey",
    accessString: "on ~* +@all -@dangerous -@admin",
    authenticationMode: { type: "password", passwords: [password.result] },
  });
  const users = new aws.elasticache.UserGroup("CacheUsers", {
    userGroupId: nameOf("cache", "elastiCache"),
    engine: "valkey",
    userIds: [user.userId],
  });
  const serverless = new aws.elasticache.ServerlessCache("ServerlessCache", {
    engine: "valkey",
    majorEngineVersion: "8",
    name: nameOf("cache", "elastiCache"),
    subnetIds: vpc.privateSubnets,
    securityGroupIds: [group.id],
    userGroupId: users.userGroupId,
    cacheUsageLimits: {
      dataStorage: { maximum: shape.maxStorageGb, unit: "GB" },
      ecpuPerSeconds: [{ maximum: shape.maxEcpuPerSecond }],
    },
  });
  const endpoint = serverless.endpoints.apply((endpoints) => endpoints[0] ?? { address: "", port: 6379 });
  return new sst.Linkable("Cache", {
    properties: { host: endpoint.address, port: endpoint.port, username: user.userName, password: password.result },
  });
}

function createGroup(): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup("CacheGroup", {
    vpcId: vpc.id,
    description: "Valkey, for functions in the VPC",
  });
  new aws.vpc.SecurityGroupIngressRule("CacheFromFunctions", {
    securityGroupId: group.id,
    description: "Functions in the VPC",
    referencedSecurityGroupId: functionsGroup.id,
    ipProtocol: "tcp",
    fromPort: 6379,
    toPort: 6379,
  });
  return group;
}
