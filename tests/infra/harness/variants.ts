import type { Variant } from "./resource.ts";

const variant = (id: string, stage: string, variables: Record<string, string> = {}, isDev = false): Variant => ({
  id,
  stage,
  variables,
  isDev,
});

/** Each kind of stage as it is. */
export const BASE_VARIANTS: readonly Variant[] = [
  variant("production", "production"),
  variant("staging", "staging"),
  variant("dev", "dev", { GOTONG_BASTION_CIDRS: "203.0.113.7/32" }),
  variant("wulan", "wulan"),
  variant("pr-1", "pr-1"),
  variant("tenant-bandung", "tenant-bandung"),
];

/** And each setting that changes what is deployed. */
export const VARIANTS: readonly Variant[] = [
  ...BASE_VARIANTS,
  variant("production over IPv6", "production", { GOTONG_EGRESS: "ipv6" }),
  variant("production with a domain, warm", "production", {
    GOTONG_DOMAIN: "api.example.org",
    GOTONG_PROVISIONED_CONCURRENCY: "5",
    GOTONG_UPLOAD_ORIGINS: "https://app.example.org",
    GOTONG_MAIL_FROM: "hello@example.org",
  }),
  variant("staging without cache", "staging", { GOTONG_CACHE: "none" }),
  variant("wulan over IPv6 without cache", "wulan", { GOTONG_EGRESS: "ipv6", GOTONG_CACHE: "none" }),
  variant("wulan under sst dev", "wulan", {}, true),
  variant("tenant-bandung with Valkey Serverless", "tenant-bandung", { GOTONG_CACHE: "serverless" }),
  variant("tenant-bandung with a NAT instance", "tenant-bandung", { GOTONG_EGRESS: "nat-instance" }),
];
