import type { Variant } from "./resource.ts";

const variant = (id: string, stage: string, variables: Record<string, string> = {}, isDev = false): Variant => ({
  id,
  stage,
  variables,
  isDev,
});

const IMAGES = "123456789012.dkr.ecr.us-east-1.amazonaws.com/gotong-royong";
const EKS = {
  GOTONG_EKS: "true",
  GOTONG_EKS_WORKERS_IMAGE: `${IMAGES}/workers:1.2.3`,
  GOTONG_EKS_CIDRS: "10.1.0.0/16",
};
/** Settings during a rotation of the webhook secret. */
const ROTATION = { GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM: "2027-01-31T12:00:00Z" };
const API_PODS = {
  GOTONG_EKS_API_IMAGE: `${IMAGES}/api:1.2.3`,
  GOTONG_EKS_CERTIFICATE_ARN: "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-0000-0000-000000000000",
};

/** One variant for each kind of stage, with default settings. */
export const BASE_VARIANTS: readonly Variant[] = [
  variant("production", "production"),
  variant("staging", "staging"),
  variant("dev", "dev", { GOTONG_BASTION_CIDRS: "203.0.113.7/32" }),
  variant("wulan", "wulan"),
  variant("pr-1", "pr-1"),
  variant("tenant-bandung", "tenant-bandung"),
];

/** The variants above, and one for each setting that changes the deployed resources. */
export const VARIANTS: readonly Variant[] = [
  ...BASE_VARIANTS,
  variant("production, small", "production", { GOTONG_SIZE: "small" }),
  variant("production, medium", "production", { GOTONG_SIZE: "medium" }),
  variant("production, the next version", "production", { GOTONG_VERSION: "1.2.4" }),
  variant("production, the next version as a release", "production", {
    GOTONG_VERSION: "1.2.4",
    GOTONG_RELEASE: "canary",
    GOTONG_PROVISIONED_CONCURRENCY: "5",
    GOTONG_FIREWALL_MANAGED_RULES: "block",
    GOTONG_FIREWALL_REQUESTS: "5000",
  }),
  variant("production over IPv6", "production", { GOTONG_EGRESS: "ipv6" }),
  variant("production with a domain, warm", "production", {
    GOTONG_DOMAIN: "api.example.org",
    GOTONG_PROVISIONED_CONCURRENCY: "5",
    GOTONG_UPLOAD_ORIGINS: "https://app.example.org",
    GOTONG_MAIL_FROM: "hello@example.org",
    GOTONG_DEPLOYER: "kampung/gotong-royong",
    GOTONG_MALWARE_SCANNER: "guardduty",
    GOTONG_BACKUP_REGION: "us-west-2",
    ...ROTATION,
  }),
  variant("staging without cache", "staging", { GOTONG_CACHE: "none" }),
  // This variant is in a new account, which has 10 concurrent executions.
  variant("wulan over IPv6 without cache", "wulan", {
    GOTONG_EGRESS: "ipv6",
    GOTONG_CACHE: "none",
    MOCK_QUOTA: "10",
    GOTONG_QUOTA_CHECK: "off",
  }),
  variant("wulan under sst dev", "wulan", {}, true),
  variant("tenant-bandung with mail", "tenant-bandung", {
    GOTONG_MAIL_FROM: "hello@example.org",
    GOTONG_MALWARE_SCANNER: "guardduty",
  }),
  variant("tenant-bandung with Valkey Serverless", "tenant-bandung", { GOTONG_CACHE: "serverless" }),
  variant("tenant-12345678901234567890 with Valkey Serverless", "tenant-12345678901234567890", {
    GOTONG_CACHE: "serverless",
  }),
  variant("staging with EKS", "staging", { ...EKS, ...ROTATION }),
  variant("staging with EKS and API pods", "staging", {
    ...EKS,
    ...API_PODS,
    GOTONG_EKS_DOMAIN: "pods.staging.example.org",
  }),
  variant("production with EKS", "production", EKS),
  variant("production with EKS and API pods", "production", {
    ...EKS,
    ...API_PODS,
    GOTONG_EKS_DOMAIN: "pods.example.org",
  }),
  variant("production with EKS, API pods and KEDA", "production", {
    ...EKS,
    ...API_PODS,
    GOTONG_EKS_DOMAIN: "pods.example.org",
    GOTONG_EKS_KEDA: "true",
  }),
  variant("tenant-bandung with a NAT instance", "tenant-bandung", { GOTONG_EGRESS: "nat-instance" }),
];
