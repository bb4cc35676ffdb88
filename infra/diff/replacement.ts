/**
 * Inputs whose change makes the provider replace a resource, by type (`ForceNew` in the schema of
 * hashicorp/terraform-provider-aws 6 and hashicorp/terraform-provider-random 3, from which Pulumi's providers are
 * generated). SST derives most names from the logical name and a random part, so such a name changes only with the
 * logical name, and a new logical name is a new resource in any case.
 */
const FORCES_NEW: Readonly<Record<string, readonly string[]>> = {
  "aws:cloudfront/distribution:Distribution": [],
  "aws:cloudfront/keyValueStore:KeyValueStore": ["name"],
  "aws:cloudwatch/logGroup:LogGroup": ["name", "namePrefix", "logGroupClass"],
  "aws:ec2/subnet:Subnet": ["availabilityZone", "availabilityZoneId", "cidrBlock", "ipv6Native", "outpostArn", "vpcId"],
  "aws:ec2/vpc:Vpc": ["cidrBlock", "ipv4IpamPoolId", "ipv4NetmaskLength"],
  "aws:eks/cluster:Cluster": [
    "accessConfig.bootstrapClusterCreatorAdminPermissions",
    "bootstrapSelfManagedAddons",
    "encryptionConfig",
    "kubernetesNetworkConfig.ipFamily",
    "kubernetesNetworkConfig.serviceIpv4Cidr",
    "name",
    "outpostConfig",
    "roleArn",
  ],
  "aws:elasticache/replicationGroup:ReplicationGroup": [
    "atRestEncryptionEnabled",
    "dataTieringEnabled",
    "ipDiscovery",
    "kmsKeyId",
    "networkType",
    "port",
    "replicationGroupId",
    "snapshotArns",
    "snapshotName",
    "subnetGroupName",
  ],
  "aws:elasticache/serverlessCache:ServerlessCache": ["kmsKeyId", "name", "snapshotArnsToRestores", "subnetIds"],
  "aws:iam/role:Role": ["name", "namePrefix", "path"],
  "aws:kms/key:Key": ["customKeyStoreId", "customerMasterKeySpec", "keyUsage", "multiRegion", "xksKeyId"],
  "aws:lambda/function:Function": ["name", "packageType"],
  "aws:rds/cluster:Cluster": [
    "availabilityZones",
    "clusterIdentifier",
    "clusterIdentifierPrefix",
    "databaseName",
    "dbSubnetGroupName",
    "engine",
    "engineMode",
    "kmsKeyId",
    "masterUsername",
    "restoreToPointInTime",
    "snapshotIdentifier",
    "storageEncrypted",
  ],
  "aws:rds/clusterInstance:ClusterInstance": [
    "availabilityZone",
    "clusterIdentifier",
    "dbSubnetGroupName",
    "engine",
    "identifier",
    "identifierPrefix",
  ],
  "aws:s3/bucket:Bucket": ["bucket", "bucketPrefix", "objectLockEnabled"],
  "aws:secretsmanager/secret:Secret": ["name", "namePrefix"],
  "aws:sns/topic:Topic": ["fifoTopic", "name", "namePrefix"],
  "aws:sqs/queue:Queue": ["fifoQueue", "name", "namePrefix"],
  "random:index/randomBytes:RandomBytes": ["keepers", "length"],
  "random:index/randomPassword:RandomPassword": ["keepers", "length", "special", "upper", "lower", "numeric"],
};

/**
 * Losses that cannot be undone, by the type of the lost resource: data, waiting messages, keys, or the address that
 * clients use.
 */
const STATEFUL: Readonly<Record<string, string>> = {
  "aws:cloudfront/distribution:Distribution": "the address that clients know",
  "aws:cloudwatch/logGroup:LogGroup": "logs",
  "aws:ec2/subnet:Subnet": "the place of the database",
  "aws:ec2/vpc:Vpc": "the place of the database",
  "aws:eks/cluster:Cluster": "the cluster and what runs in it",
  "aws:elasticache/replicationGroup:ReplicationGroup": "what is cached, for a while",
  "aws:elasticache/serverlessCache:ServerlessCache": "what is cached, for a while",
  "aws:kms/key:Key": "everything that it has encrypted",
  "aws:rds/cluster:Cluster": "the database",
  "aws:s3/bucket:Bucket": "the files",
  "aws:secretsmanager/secret:Secret": "a secret",
  "aws:sqs/queue:Queue": "messages that wait",
  "random:index/randomPassword:RandomPassword": "a password that is in use",
};

/** Returns the loss when a resource of this type is replaced or deleted; undefined if the resource can be recreated. */
export const lossOf = (type: string): string | undefined => STATEFUL[type];

export type Forces = "yes" | "no" | "perhaps";

/** Returns whether a change of `path` (in the format of `flatten`) replaces a resource of this type. */
export function forcesReplacement(type: string, path: string): Forces {
  const known = FORCES_NEW[type];
  if (known !== undefined) return known.some((input) => isWithin(path, input)) ? "yes" : "no";
  // Types without an entry may be replaced if a name or a location changes, since those are usually immutable.
  return /^(name|\w+Name|\w+Identifier|availabilityZone|vpcId|subnetIds?)(\[|$)/.test(path) ? "perhaps" : "no";
}

const isWithin = (path: string, input: string) =>
  path === input || path.startsWith(`${input}.`) || path.startsWith(`${input}[`);
