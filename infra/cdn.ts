import { PAGE_PERMISSIONS, pagePolicy } from "../packages/api/src/http/app-hosting.ts";
import { appOrigin, assetsBehaviour, sendToApp } from "./app-edge.ts";
import { logBucket, storageOrigin } from "./storage.ts";
import { accountId, nameOf, stage } from "./stage.ts";
import { markTraced } from "./traces.ts";

const CACHING_DISABLED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"; // AWS's managed policy
/** The header in which the API reads the caller's address; the edge overwrites what the caller sent in it. */
export const VIEWER_ADDRESS_HEADER = "x-viewer-address";
/** The header in which the API reads the caller's access token; likewise. */
export const VIEWER_AUTHORIZATION_HEADER = "x-viewer-authorization";
/** Resources of CloudFront are in us-east-1, whatever the region of the stage. */
const usEast1 = new aws.Provider("CdnProvider", {
  region: "us-east-1",
  // A separate provider does not set SST's tags, which the budget filters by.
  defaultTags: { tags: { "sst:app": $app.name, "sst:stage": $app.stage } },
});

/** Of files of the app, which S3 sends without any; the API sends stricter ones of its own, which stay. */
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
 * The only way in. Signing at the edge lets clients send a body without knowing its hash, up to 1 MB, which is the API's own limit.
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
      // Only a function at its edge learns the address of the caller (its own header is not in the managed request
      // policy); without it all callers of an edge location would share one rate limit. CloudFront signs its request to
      // the function in Authorization: the caller's own token travels in another header, and a value that the caller
      // put there is dropped (api/src/middleware/authentication.ts reads it).
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
      // Responses are private to their caller: the edge caches none of them, only files of the app.
      args.defaultCacheBehavior = $output(args.defaultCacheBehavior).apply((behavior) => ({
        ...behavior,
        cachePolicyId: CACHING_DISABLED,
        responseHeadersPolicyId: headers.id,
      }));
      args.orderedCacheBehaviors = [assetsBehaviour(headers.id)];
      args.origins = $output(args.origins).apply((origins) => [...origins, appOrigin]);
      args.transform = {
        distribution: (distribution) => {
          const priceClass = "PriceClass_200"; // the cheapest with Asia
          Object.assign(distribution, { isIpv6Enabled: true, httpVersion: "http2and3", priceClass });
          // Requests without a route go to a placeholder origin of SST, by default without TLS.
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

/** A firewall rule that blocks or counts, depending on the stage. Managed rules have an override, the rate rule an action. */
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
  // The policy of the bucket lets the log service write.
  { provider: usEast1, dependsOn: [logBucket] },
);
