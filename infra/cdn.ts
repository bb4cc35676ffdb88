import { PAGE_PERMISSIONS, pagePolicy } from "../packages/api/src/http/app-hosting.ts";
import { CACHING_OPTIMIZED, appOrigin, assetsBehaviour, sendToApp } from "./app-edge.ts";
import { logBucket, storageOrigin } from "./storage.ts";
import { accountId, nameOf, stage } from "./stage.ts";
import { markTraced } from "./traces.ts";

const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"; // AWS's managed policy
/** The profile pictures, which the API answers with `Cache-Control`. */
const AVATARS = "/v1/avatars/*";
/**
 * Name of the header in which the API reads the caller's IP address; the edge overwrites a value that the caller
 * sent.
 */
export const VIEWER_ADDRESS_HEADER = "x-viewer-address";
/**
 * Name of the header in which the API reads the caller's access token; the edge overwrites a value that the caller
 * sent.
 */
export const VIEWER_AUTHORIZATION_HEADER = "x-viewer-authorization";
/** Provider for us-east-1, where CloudFront's resources are, whatever the region of the stage. */
const usEast1 = new aws.Provider("CdnProvider", {
  region: "us-east-1",
  // Sets SST's tags, by which the budget filters: a separate provider does not set them.
  defaultTags: { tags: { "sst:app": $app.name, "sst:stage": $app.stage } },
});

/**
 * A security header for files of the app, which S3 sends without such headers. The API sends stricter values, which
 * CloudFront does not override.
 */
const ofPages = (header: string, value: string) => ({ header, value, override: false });

const headers = new aws.cloudfront.ResponseHeadersPolicy("SecurityHeaders", {
  name: nameOf("security-headers", "cloudFrontPolicy"),
  securityHeadersConfig: {
    strictTransportSecurity: {
      accessControlMaxAgeSec: 63_072_000,
      includeSubdomains: true,
      preload: true,
      override: true,
    },
    contentTypeOptions: { override: true },
    frameOptions: { frameOption: "DENY", override: true },
    referrerPolicy: { referrerPolicy: "no-referrer", override: true },
    contentSecurityPolicy: { contentSecurityPolicy: storageOrigin.apply(pagePolicy), override: false },
  },
  customHeadersConfig: {
    items: [ofPages("permissions-policy", PAGE_PERMISSIONS), ofPages("cross-origin-resource-policy", "same-origin")],
  },
});

/**
 * The only public entry point of the API. Signing at the edge lets clients send a body of up to 1 MB, the API's own
 * limit, without computing its hash.
 */
export const router = new sst.aws.Router("Router", {
  protection: "oac-with-edge-signing",
  ...(stage.domain === undefined ? {} : { domain: { name: stage.domain, dns: sst.aws.dns() } }),
  ...(stage.waf === "off"
    ? {}
    : {
        waf: {
          rateLimitPerIp: stage.firewall.requestsPerAddress,
          logging: { include: "blocked" as const, retention: stage.logRetention },
        },
      }),
  edge: {
    viewerRequest: {
      // Only the function at the edge knows the caller's address (CloudFront's header for it is not in the managed
      // request policy); without the address all callers of an edge location would share one rate limit. CloudFront
      // signs its request to the function in Authorization, so the caller's token is moved to another header, and a
      // value that the caller sent in that header is dropped (api/src/middleware/authentication.ts reads it).
      injection: `delete event.request.headers["${VIEWER_AUTHORIZATION_HEADER}"];
if (event.request.headers.authorization) event.request.headers["${VIEWER_AUTHORIZATION_HEADER}"] = { value: event.request.headers.authorization.value };
event.request.headers["${VIEWER_ADDRESS_HEADER}"] = { value: event.viewer.ip };
${markTraced(stage.tracedPercent / 100)}
${sendToApp}`,
    },
  },
  transform: {
    waf: (args) => {
      args.rules = $output(args.rules ?? []).apply((rules) => rules.map(withActions));
    },
    cdn: (args) => {
      // The edge caches files of the app, and of the API's responses only profile pictures, which are the same for
      // everyone (docs/adr/0045-avatars.md); all others are private to their caller.
      args.defaultCacheBehavior = $output(args.defaultCacheBehavior).apply((behavior) => ({
        ...behavior,
        cachePolicyId: CACHING_DISABLED,
        responseHeadersPolicyId: headers.id,
      }));
      args.orderedCacheBehaviors = $output(args.defaultCacheBehavior).apply((behavior) => [
        assetsBehaviour(headers.id),
        {
          ...behavior,
          pathPattern: AVATARS,
          allowedMethods: ["GET", "HEAD"],
          cachedMethods: ["GET", "HEAD"],
          cachePolicyId: CACHING_OPTIMIZED,
          responseHeadersPolicyId: headers.id,
        },
      ]);
      args.origins = $output(args.origins).apply((origins) => [...origins, appOrigin]);
      args.transform = {
        distribution: (distribution) => {
          const priceClass = "PriceClass_200"; // the cheapest price class that includes Asia
          Object.assign(distribution, { isIpv6Enabled: true, httpVersion: "http2and3", priceClass });
          // Requires TLS for SST's placeholder origin, which gets requests without a route and has no TLS by default.
          distribution.origins = $output(distribution.origins).apply((origins) =>
            origins.map((origin) => ({
              ...origin,
              ...(origin.customOriginConfig
                ? { customOriginConfig: { ...origin.customOriginConfig, originProtocolPolicy: "https-only" } }
                : {}),
            })),
          );
        },
      };
    },
  },
});

/**
 * Makes a firewall rule block or count, depending on the stage. For the rate rule this is `action`; for groups of AWS's
 * managed rules it is `overrideAction`.
 */
function withActions(rule: aws.types.input.wafv2.WebAclRule): aws.types.input.wafv2.WebAclRule {
  if (rule.action !== undefined) return stage.waf === "count" ? { ...rule, action: { count: {} } } : rule;
  const doesRefuse = stage.waf === "block" && stage.firewall.managedRules === "block";
  return doesRefuse ? rule : { ...rule, overrideAction: { count: {} } };
}

const logSource = new aws.cloudwatch.LogDeliverySource(
  "CdnLogSource",
  {
    name: nameOf("cdn", "logDelivery"),
    logType: "ACCESS_LOGS",
    resourceArn: router.nodes.cdn.apply((cdn) => cdn.nodes.distribution.arn),
  },
  { provider: usEast1 },
);
const logDestination = new aws.cloudwatch.LogDeliveryDestination(
  "CdnLogDestination",
  {
    name: nameOf("cdn", "logDelivery"),
    outputFormat: "json",
    deliveryDestinationConfiguration: { destinationResourceArn: $interpolate`${logBucket.arn}/cdn` },
  },
  { provider: usEast1 },
);
new aws.cloudwatch.LogDelivery(
  "CdnLogDelivery",
  {
    deliverySourceName: logSource.name,
    deliveryDestinationArn: logDestination.arn,
    s3DeliveryConfigurations: [
      { suffixPath: $interpolate`/${accountId}/{yyyy}/{MM}/{dd}`, enableHiveCompatiblePath: false },
    ],
  },
  // Waits for the bucket and its policy, which lets the log service write.
  { provider: usEast1, dependsOn: [logBucket] },
);
