import { policyDocument } from "./policy-document.ts";

const ACCOUNT = "123456789012";
/** The parameter with the values that `dev` publishes for previews (infra/guests.ts). */
const GUESTS = "/gotong-royong-dev-guests";
const HOST_OF_GUESTS = {
  vpcId: "vpc-of-dev",
  privateSubnets: ["subnet-1-of-dev", "subnet-2-of-dev"],
  functionsGroup: "sg-functions-of-dev",
  database: { host: "writer.database.mock", port: 5432 },
  admin: { username: "gotong", password: "mock-password-of-32-characters-1", database: "gotong_royong" },
};
/** A valid public key, since EC2 accepts no other string. Its private key was discarded. */
const PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMykb6XpZZznRkpjCUVThSdeeiF1ZrcKjIM3+2K2H2WA";

export interface NewResource {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
  readonly id?: string;
}

interface Answer {
  readonly id: string;
  readonly state: Record<string, unknown>;
}

/** Returns the service in a type token: `sqs` for `aws:sqs/queue:Queue`. */
const serviceOf = (type: string) => type.split(":")[1]?.split("/")[0] ?? "unknown";
const kindOf = (type: string) => type.split("/")[1]?.split(":")[0] ?? "unknown";
const kebab = (name: string) => name.replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();

/**
 * Returns the id and outputs that AWS would compute for a resource. They depend only on its logical name, so that
 * evaluations are reproducible.
 */
export function newResource(region: string, { type, name, inputs, id: importId }: NewResource): Answer {
  const id = importId || `${kebab(name)}-id`;
  const physical =
    [inputs["name"], inputs["bucket"], inputs["identifier"]].find((own) => typeof own === "string") ?? kebab(name);
  const arn = (service: string, path: string) => `arn:aws:${service}:${region}:${ACCOUNT}:${path}`;
  const common = { arn: arn(serviceOf(type), `${kindOf(type)}/${physical}`), name: physical };
  const computed: Record<string, (() => Record<string, unknown>) | undefined> = {
    "aws:acm/certificate:Certificate": () => ({
      domainValidationOptions: [
        {
          domainName: inputs["domainName"],
          resourceRecordName: "_mock.example.org",
          resourceRecordType: "CNAME",
          resourceRecordValue: "_mock.acm-validations.aws",
        },
      ],
    }),
    "aws:cloudfront/distribution:Distribution": () => ({
      arn: `arn:aws:cloudfront::${ACCOUNT}:distribution/${id}`,
      domainName: "d1111abcdef8.cloudfront.net",
      hostedZoneId: "Z2FDTNDATAQYW2",
      etag: "etag",
    }),
    "aws:cloudwatch/logGroup:LogGroup": () => ({ arn: arn("logs", `log-group:${physical}`) }),
    "aws:cloudwatch/metricAlarm:MetricAlarm": () => ({ arn: arn("cloudwatch", `alarm:${physical}`) }),
    "aws:ec2/instance:Instance": () => ({ primaryNetworkInterfaceId: `eni-${id}`, publicIp: "198.51.100.1" }),
    "aws:ec2/vpc:Vpc": () => ({ ipv6CidrBlock: "2600:1f18:1234:5600::/56", mainRouteTableId: `rtb-${id}` }),
    "aws:eks/cluster:Cluster": () => ({
      endpoint: "https://mock.eks.amazonaws.com",
      certificateAuthority: { data: "bW9jaw==" },
      vpcConfig: { ...record(inputs["vpcConfig"]), clusterSecurityGroupId: "sg-eks-cluster" },
    }),
    "aws:elasticache/replicationGroup:ReplicationGroup": () => ({
      clusterEnabled: inputs["clusterMode"] === "enabled",
      primaryEndpointAddress: "primary.cache.mock",
      configurationEndpointAddress: "configuration.cache.mock",
    }),
    "aws:elasticache/serverlessCache:ServerlessCache": () => ({
      endpoints: [{ address: "serverless.cache.mock", port: 6379 }],
    }),
    "aws:iam/policy:Policy": () => ({ arn: `arn:aws:iam::${ACCOUNT}:policy/${physical}` }),
    "aws:iam/role:Role": () => ({ arn: `arn:aws:iam::${ACCOUNT}:role/${physical}` }),
    "aws:kms/key:Key": () => ({ arn: arn("kms", `key/${id}`), keyId: id }),
    "aws:lambda/alias:Alias": () => ({ arn: arn("lambda", `function:${tail(inputs["functionName"])}:${physical}`) }),
    "aws:lambda/function:Function": () => ({
      arn: arn("lambda", `function:${physical}`),
      qualifiedArn: arn("lambda", `function:${physical}:1`),
      version: versionOf(inputs),
    }),
    "aws:lambda/functionUrl:FunctionUrl": () => ({
      functionUrl: `https://${kebab(name)}.lambda-url.${region}.on.aws/`,
    }),
    "aws:rds/cluster:Cluster": () => ({
      arn: arn("rds", `cluster:${kebab(name)}`),
      clusterIdentifier: kebab(name),
      endpoint: "writer.database.mock",
      readerEndpoint: "reader.database.mock",
      port: 5432,
    }),
    "aws:rds/clusterInstance:ClusterInstance": () => ({ port: 5432, endpoint: "instance.database.mock" }),
    "aws:s3/bucket:Bucket": () => ({
      arn: `arn:aws:s3:::${physical}`,
      bucket: physical,
      bucketRegionalDomainName: `${physical}.s3.${region}.amazonaws.com`,
    }),
    "aws:sns/topic:Topic": () => ({ arn: arn("sns", physical) }),
    "aws:sqs/queue:Queue": () => ({
      arn: arn("sqs", physical),
      url: `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${physical}`,
    }),
    "pulumi-nodejs:dynamic:Resource": () => (name.endsWith("HostedZoneLookup") ? { zoneId: "Z0MOCK" } : {}),
    "random:index/randomBytes:RandomBytes": () => ({ base64: "bW9jaw==" }),
    "random:index/randomId:RandomId": () => ({ hex: "0a1b2c3d" }),
    "random:index/randomPassword:RandomPassword": () => ({ result: "mock-password-of-32-characters-0" }),
    "tls:index/privateKey:PrivateKey": () => ({
      privateKeyOpenssh: "mock-private-key",
      publicKeyOpenssh: PUBLIC_KEY,
    }),
  };
  return { id: physicalId(type, id, physical, region), state: { ...common, ...inputs, ...computed[type]?.() } };
}

/** Returns the id of a resource. For some types it is the name or the URL, by which other resources refer to it. */
function physicalId(type: string, id: string, physical: string, region: string): string {
  if (type === "aws:sqs/queue:Queue") return `https://sqs.${region}.amazonaws.com/${ACCOUNT}/${physical}`;
  return /:(LogGroup|Role|Bucket|Function|Topic|SubnetGroup)$/.test(type) ? physical : id;
}

/**
 * Returns the version number that AWS assigns when a function is published. In these mocks, VERSION 1.2.3 is the
 * first and 1.2.4 the second.
 */
const versionOf = (inputs: Record<string, unknown>) =>
  JSON.stringify(inputs["environment"] ?? "").includes('"VERSION":"1.2.4"') ? "2" : "1";

const record = (value: unknown) => (typeof value === "object" && value !== null ? value : {});
const tail = (value: unknown) => String(value).split(":").at(-1);

/**
 * Returns the result of a lookup in AWS.
 * @throws Error for a lookup without a mock: an empty result would hide errors in the resources that use it
 */
export function call(region: string, token: string, inputs: Record<string, unknown>): Record<string, unknown> {
  switch (token) {
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/mock`, userId: "mock", id: ACCOUNT };
    case "aws:iam/getSessionContext:getSessionContext":
      return { ...inputs, id: String(inputs["arn"]), issuerArn: `arn:aws:iam::${ACCOUNT}:role/mock-deployer` };
    case "aws:index/getPartition:getPartition":
      return { partition: "aws", dnsSuffix: "amazonaws.com", id: "aws" };
    case "aws:index/getRegion:getRegion":
      return { name: region, region, id: region };
    case "aws:index/getAvailabilityZones:getAvailabilityZones":
      return {
        names: ["a", "b", "c", "d"].map((letter) => `${region}${letter}`),
        zoneIds: ["az1", "az2", "az3", "az4"],
      };
    case "aws:iam/getPolicyDocument:getPolicyDocument": {
      const json = JSON.stringify(policyDocument(inputs));
      return { ...inputs, id: "policy", json, minifiedJson: json };
    }
    case "aws:ssm/getParameter:getParameter":
      if (inputs["name"] !== GUESTS)
        return { ...inputs, id: String(inputs["name"]), value: `mock-of-${String(inputs["name"]).split("/").at(-1)}` };
      if (process.env["MOCK_NO_GUESTS"] !== undefined) throw new Error(`there is no parameter ${GUESTS}`);
      return { ...inputs, id: GUESTS, value: JSON.stringify(HOST_OF_GUESTS) };
    case "aws:servicequotas/getServiceQuota:getServiceQuota":
      // The quota of a new account: 10 concurrent executions.
      return {
        ...inputs,
        id: "quota",
        value: Number(process.env[`MOCK_QUOTA_${String(inputs["quotaCode"])}`] ?? process.env["MOCK_QUOTA"] ?? 1000),
      };
    case "aws:ec2/getVpcs:getVpcs":
      return { ...inputs, id: region, ids: [] };
    case "aws:ec2/getEips:getEips":
      return { ...inputs, id: region, publicIps: [], allocationIds: [] };
    case "aws:ec2/getAmi:getAmi":
      return { id: "ami-mock", architecture: "arm64" };
    case "aws:ec2/getManagedPrefixList:getManagedPrefixList":
    case "aws:ec2/getPrefixList:getPrefixList":
      return { id: "pl-mock", prefixListId: "pl-mock" };
    case "aws:route53/getZone:getZone":
      return { ...inputs, id: "Z0MOCK", zoneId: "Z0MOCK", name: "example.org" };
    default:
      throw new Error(`the evaluation has no answer for the look-up ${token}`);
  }
}
