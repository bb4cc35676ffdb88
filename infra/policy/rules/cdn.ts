import { at, list, text } from "../resource.ts";
import { each, missing, of, production, type Rule, type Scope, together } from "../rule.ts";

const CDN = "aws:cloudfront/distribution:Distribution";
const HEADERS = "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy";
const FUNCTION = "aws:cloudfront/function:Function";
const ROUTE = "pulumi-nodejs:dynamic:Resource";
const CSP = "securityHeadersConfig.contentSecurityPolicy.contentSecurityPolicy";
const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"; // AWS's managed policy
const withDomain: Scope = { label: "stages with a domain", includes: ({ stage }) => stage.domain !== undefined };
const behindFirewall: Scope = { label: "staging, production", includes: ({ stage }) => stage.waf !== "off" };

export const cdn: readonly Rule[] = [
  each({
    id: "cdn-speaks-tls-1.2",
    says: "Viewers need TLS 1.2 or later",
    source: "checkov CKV_AWS_174, prowler cloudfront_distributions_using_deprecated_ssl_protocols, sst-notes §12 C4",
    scope: withDomain,
    types: [CDN],
    passes: (one) => /^TLSv1\.[23]/.test(text(one, "viewerCertificate.minimumProtocolVersion")),
  }),
  each({
    id: "cdn-of-production-has-own-certificate",
    says: "Production answers under a name and a certificate of its own: the default one has no floor for TLS",
    source: "checkov CKV2_AWS_42, prowler cloudfront_distributions_custom_ssl_certificate",
    scope: production,
    types: [CDN],
    passes: (one) => text(one, "viewerCertificate.acmCertificateArn") !== "",
  }),
  each({
    id: "cdn-shares-addresses",
    says: "The certificate is served by name (SNI): an address of its own costs $600 a month",
    source: "prowler cloudfront_distributions_https_sni_enabled",
    scope: withDomain,
    types: [CDN],
    passes: (one) => text(one, "viewerCertificate.sslSupportMethod") === "sni-only",
  }),
  each({
    id: "cdn-reaches-origin-by-https",
    says: "CloudFront speaks HTTPS with what stands behind it, the placeholder of SST included",
    source: "checkov CKV2_AWS_72, prowler cloudfront_distributions_origin_traffic_encrypted",
    types: [CDN],
    passes: (one) =>
      list(one, "origins").every(
        (origin) =>
          at(origin, "customOriginConfig") === undefined ||
          text(origin, "customOriginConfig.originProtocolPolicy") === "https-only",
      ),
  }),
  each({
    id: "cdn-reaches-origin-by-tls-1.2",
    says: "CloudFront speaks TLS 1.2 or better with what stands behind it",
    source: "checkov CKV2_AWS_54",
    types: [CDN],
    passes: (one) =>
      list(one, "origins").every((origin) =>
        list(origin, "customOriginConfig.originSslProtocols").every((protocol) => protocol === "TLSv1.2"),
      ),
  }),
  each({
    id: "cdn-has-firewall",
    says: "CloudFront stands behind a web application firewall",
    source: "checkov CKV_AWS_68, prowler cloudfront_distributions_using_waf",
    scope: behindFirewall,
    types: [CDN],
    passes: (one) => text(one, "webAclId") !== "",
  }),
  together({
    id: "cdn-logs-requests",
    says: "CloudFront logs every request",
    source: "checkov CKV_AWS_86, prowler cloudfront_distributions_logging_enabled, sst-notes §12 C7",
    types: [CDN],
    offenders: (resources) => {
      const sources = of(resources, "aws:cloudwatch/logDeliverySource:LogDeliverySource");
      const delivered = of(resources, "aws:cloudwatch/logDelivery:LogDelivery").map((one) =>
        text(one, "deliverySourceName"),
      );
      const logged = sources
        .filter((source) => text(source, "logType") === "ACCESS_LOGS" && delivered.includes(text(source, "name")))
        .map((source) => text(source, "resourceArn"));
      return of(resources, CDN).filter((one) => !logged.includes(text(one.outputs, "arn") || text(one, "arn")));
    },
  }),
  each({
    id: "cdn-reads-buckets-signed",
    says: "CloudFront signs what it asks of a bucket, so that the bucket answers no other caller",
    source: "prowler cloudfront_distributions_s3_origin_access_control",
    types: [CDN],
    passes: (one) =>
      list(one, "origins").every(
        (origin) => at(origin, "customOriginConfig") !== undefined || text(origin, "originAccessControlId") !== "",
      ),
  }),
  each({
    id: "cdn-adds-security-headers",
    says: "CloudFront adds security headers to every answer",
    source: "checkov CKV2_AWS_32, sst-notes §12 C6",
    types: [CDN],
    passes: (one) =>
      [at(one, "defaultCacheBehavior"), ...list(one, "orderedCacheBehaviors")].every(
        (behaviour) => text(behaviour, "responseHeadersPolicyId") !== "",
      ),
  }),
  each({
    id: "headers-forbid-guessing-types",
    says: "Browsers may not guess what an answer is",
    source: "OWASP Secure Headers Project, X-Content-Type-Options",
    types: [HEADERS],
    passes: (policy) => at(policy, "securityHeadersConfig.contentTypeOptions.override") === true,
  }),
  each({
    id: "headers-forbid-frames",
    says: "No page may load the API in a frame",
    source: "OWASP Secure Headers Project, X-Frame-Options",
    types: [HEADERS],
    passes: (policy) => text(policy, "securityHeadersConfig.frameOptions.frameOption") === "DENY",
  }),
  each({
    id: "headers-send-no-referrer",
    says: "Links out of an answer do not say where they were found",
    source: "OWASP Secure Headers Project, Referrer-Policy",
    types: [HEADERS],
    passes: (policy) => text(policy, "securityHeadersConfig.referrerPolicy.referrerPolicy") === "no-referrer",
  }),
  each({
    id: "headers-allow-no-content",
    says: "An answer loads nothing from anywhere but what is named",
    source: "OWASP Secure Headers Project, Content-Security-Policy",
    types: [HEADERS],
    passes: (policy) => text(policy, CSP).startsWith("default-src 'none'"),
  }),
  each({
    id: "headers-allow-own-scripts-alone",
    says: "A page runs scripts of its own host alone, none inline, none made of text; no page of others may frame it",
    source: "OWASP Secure Headers Project, Content-Security-Policy; docs/adr/0025-web-app.md",
    types: [HEADERS],
    passes: (policy) => {
      const directives = text(policy, CSP).split("; ");
      const needed = [
        "script-src 'self'",
        "style-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
      ];
      return needed.every((one) => directives.includes(one)) && !/unsafe-|\*|data:|http:/.test(text(policy, CSP));
    },
  }),
  each({
    id: "cdn-keeps-no-answers",
    says: "The edge caches files of the app and, of the answers, profile pictures alone: all others are private to the caller",
    source:
      "sst-notes §12 C8, infrastructure.md §4, docs/adr/0036-app-behind-the-same-distribution.md, docs/adr/0045-avatars.md",
    types: [CDN],
    passes: (one) => {
      const origins = list(one, "origins").filter((origin) => at(origin, "customOriginConfig") === undefined);
      const buckets = origins.map((origin) => text(origin, "originId"));
      return (
        text(one, "defaultCacheBehavior.cachePolicyId") === CACHING_DISABLED &&
        list(one, "orderedCacheBehaviors").every(
          (behaviour) =>
            (text(behaviour, "pathPattern") === "/v1/avatars/*" ||
              (text(behaviour, "pathPattern") === "/assets/*" &&
                buckets.includes(text(behaviour, "targetOriginId")))) &&
            list(behaviour, "allowedMethods").join() === "GET,HEAD",
        )
      );
    },
  }),
  each({
    id: "cdn-speaks-ipv6",
    says: "CloudFront answers over IPv6",
    source: "infrastructure.md §1",
    types: [CDN],
    passes: (one) => at(one, "isIpv6Enabled") === true,
  }),
  each({
    id: "cdn-speaks-http3",
    says: "CloudFront answers over HTTP/3, which bears bad mobile networks better",
    source: "infrastructure.md §1",
    types: [CDN],
    passes: (one) => text(one, "httpVersion") === "http2and3",
  }),
  together({
    id: "cdn-signs-requests-to-origin",
    says: "CloudFront signs every request to a function, and the function refuses all others",
    source: "sst-notes §12 C1 and C2",
    types: [ROUTE],
    offenders: (resources) => {
      const routes = of(resources, ROUTE).filter((one) => text(one, "entries.metadata").includes("lambda-url"));
      if (routes.length === 0) return [missing(ROUTE)];
      return routes.filter(
        (one) =>
          !/"originAccessControlConfig":\{"enabled":true,"signingBehavior":"always"/.test(
            text(one, "entries.metadata"),
          ),
      );
    },
  }),
  each({
    id: "cdn-function-fits",
    says: "The function at the edge fits into the 10,240 bytes that CloudFront allows",
    source: "sst-notes §12 C10",
    types: [FUNCTION],
    passes: (one) => new TextEncoder().encode(text(one, "code")).length <= 10_240,
  }),
  each({
    id: "cdn-function-takes-no-identity-from-callers",
    says: "Headers that name the caller are written at the edge, whatever the caller put there",
    source: "sst-notes §1",
    types: [FUNCTION],
    passes: (one) =>
      text(one, "code").includes('delete event.request.headers["x-viewer-authorization"]') &&
      text(one, "code").includes('headers["x-viewer-address"] = { value: event.viewer.ip }'),
  }),
  each({
    id: "certificate-names-its-hosts",
    says: "A certificate is for named hosts and not for all of a domain",
    source: "checkov CKV2_AWS_71",
    types: ["aws:acm/certificate:Certificate"],
    passes: (one) =>
      [text(one, "domainName"), ...list(one, "subjectAlternativeNames")].every((name) => !text(name).includes("*")),
  }),
  each({
    id: "certificate-renews-itself",
    says: "A certificate is proven by DNS, so that it renews itself",
    source: "prowler acm_certificates_expiration_check",
    types: ["aws:acm/certificate:Certificate"],
    passes: (one) => text(one, "validationMethod") === "DNS",
  }),
  together({
    id: "domain-answers-over-both-protocols",
    says: "A domain leads to CloudFront over IPv4 and IPv6",
    source: "infrastructure.md §1",
    scope: withDomain,
    types: ["aws:route53/record:Record"],
    offenders: (resources, { stage }) =>
      ["A", "AAAA"]
        .filter(
          (kind) =>
            !of(resources, "aws:route53/record:Record").some(
              (one) => text(one, "name") === stage.domain && text(one, "type") === kind,
            ),
        )
        .map(() => missing("aws:route53/record:Record")),
  }),
];
