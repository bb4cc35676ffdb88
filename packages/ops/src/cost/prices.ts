/** A list price of AWS in us-east-1, in US dollars without tax. */
export interface Price {
  readonly service: string;
  readonly usd: number;
  /** The quantity that costs {@link usd}, such as `GB-month`. */
  readonly unit: string;
  readonly source: string;
  /** The month in which the source was looked up. */
  readonly asOf: string;
}

/** The month of the price list with which the project was planned; docs/spec/infrastructure.md §7 has its figures. */
const PLANNED = "2026-01";

const price = (service: string, usd: number, unit: string, page: string, asOf = PLANNED): Price => ({
  service,
  usd,
  unit,
  source: `https://aws.amazon.com/${page}/pricing/`,
  asOf,
});
const perMillion = (usd: number) => usd / 1e6;

/**
 * Every price that a bill can need. No free tier is subtracted, since the account may use it up elsewhere. Other
 * regions cost up to a quarter more (Jakarta), CloudFront in Asia up to 40 % more.
 */
export const PRICES = {
  lambdaCompute: price("Lambda", 0.0000133334, "GB-second (arm64)", "lambda"),
  lambdaRequest: price("Lambda", perMillion(0.2), "request", "lambda"),
  lambdaProvisioned: price("Lambda", 0.0000033334, "GB-second kept warm (arm64)", "lambda"),
  edgeCompute: price("Lambda@Edge", 0.00005001, "GB-second", "lambda"),
  edgeRequest: price("Lambda@Edge", perMillion(0.6), "request", "lambda"),

  acuHour: price("Aurora", 0.12, "ACU-hour", "rds/aurora"),
  auroraStorage: price("Aurora", 0.1, "GB-month", "rds/aurora"),
  auroraIo: price("Aurora", perMillion(0.2), "I/O request", "rds/aurora"),
  auroraCopy: price("Aurora", 0.02, "GB of a snapshot to another region", "rds/aurora"),
  auroraBackup: price("Aurora", 0.021, "GB-month of backup", "rds/aurora"),

  rdsMediumMultiAz: price("RDS", 0.129, "hour of db.t4g.medium, Multi-AZ", "rds/postgresql"),
  rdsLarge: price("RDS", 0.225, "hour of db.r6g.large", "rds/postgresql"),
  rdsLargeMultiAz: price("RDS", 0.45, "hour of db.r6g.large, Multi-AZ", "rds/postgresql"),

  cacheT4gMicro: price("ElastiCache", 0.0128, "hour of cache.t4g.micro (Valkey)", "elasticache"),
  cacheT4gSmall: price("ElastiCache", 0.0256, "hour of cache.t4g.small (Valkey)", "elasticache"),
  cacheT4gMedium: price("ElastiCache", 0.052, "hour of cache.t4g.medium (Valkey)", "elasticache"),
  cacheServerlessStorage: price("ElastiCache", 0.084, "GB-hour (Valkey Serverless)", "elasticache"),
  cacheServerlessWork: price("ElastiCache", perMillion(0.0023), "ECPU", "elasticache"),

  natGateway: price("Network", 0.045, "hour of a NAT gateway", "vpc"),
  natGatewayData: price("Network", 0.045, "GB through a NAT gateway", "vpc"),
  publicIpv4: price("Network", 0.005, "hour of a public IPv4 address", "vpc"),
  t4gNano: price("Network", 0.0042, "hour of t4g.nano", "ec2/on-demand"),
  gp3: price("Network", 0.08, "GB-month of gp3", "ebs"),
  dataOut: price("Network", 0.09, "GB to the internet", "ec2/on-demand"),
  cloudMapNamespace: price("Network", 0.5, "month of a private DNS namespace", "cloud-map"),

  cdnRequest: price("CloudFront", 0.01 / 10_000, "HTTPS request", "cloudfront"),
  cdnData: price("CloudFront", 0.085, "GB to the internet", "cloudfront"),
  cdnFunction: price("CloudFront", perMillion(0.1), "run of a CloudFront function", "cloudfront"),
  cdnKeyRead: price("CloudFront", perMillion(0.03), "read of a key-value store", "cloudfront"),
  wafAcl: price("WAF", 5, "month of a web ACL", "waf"),
  wafRule: price("WAF", 1, "month of a rule or rule group", "waf"),
  wafRequest: price("WAF", perMillion(0.6), "request", "waf"),

  sqsStandard: price("SQS", perMillion(0.4), "request", "sqs"),
  sqsFifo: price("SQS", perMillion(0.5), "request (FIFO)", "sqs"),
  scheduler: price("EventBridge", perMillion(1), "run of a schedule", "eventbridge"),

  s3Standard: price("S3", 0.023, "GB-month", "s3"),
  s3Infrequent: price("S3", 0.0125, "GB-month (Standard-IA)", "s3"),
  s3Put: price("S3", 0.005 / 1000, "PUT", "s3"),
  s3Get: price("S3", 0.0004 / 1000, "GET", "s3"),

  malwareScannedGb: price("GuardDuty", 0.09, "GB scanned for malware", "guardduty"),
  malwareScannedObject: price("GuardDuty", 0.215 / 1000, "object scanned for malware", "guardduty"),

  logIngestion: price("CloudWatch", 0.5, "GB of logs", "cloudwatch"),
  logStorage: price("CloudWatch", 0.03, "GB-month of logs", "cloudwatch"),
  alarmMetric: price("CloudWatch", 0.1, "metric of an alarm", "cloudwatch"),
  dashboard: price("CloudWatch", 3, "month of a dashboard", "cloudwatch"),
  customMetric: price("CloudWatch", 0.3, "custom metric", "cloudwatch"),
  trace: price("X-Ray", perMillion(5), "recorded trace", "xray"),

  secret: price("Secrets Manager", 0.4, "month of a secret", "secrets-manager"),
  kmsKey: price("KMS", 1, "month of a key", "kms"),
  mail: price("SES", 0.1 / 1000, "mail", "ses"),

  eksCluster: price("EKS", 0.1, "hour of a cluster", "eks"),
  podCpu: price("EKS", 0.0408, "vCPU-hour of the nodes (m7g)", "ec2/on-demand"),
  autoMode: price("EKS", 0.12 * 0.0408, "vCPU-hour of Auto Mode, 12 % of the nodes", "eks"),
  loadBalancer: price("EKS", 0.0225, "hour of an application load balancer", "elasticloadbalancing"),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

/** Number of hours in a month of AWS's price calculations. */
export const HOURS_A_MONTH = 730;
