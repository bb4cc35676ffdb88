import { API_PATHS, IMMUTABLE_FOLDER, PAGE } from "../packages/api/src/http/app-hosting.ts";
import { FILES } from "./app-files.ts";
import { nameOf } from "./stage.ts";
import { appBucket } from "./storage.ts";

/** Paths below it are files of the app's bucket to the router; no caller needs to know it. */
export const APP_PREFIX = "/_app";
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"; // AWS's managed policy: compresses, and keeps files as long as they say
const ORIGIN = "app";

/** Beginnings of the paths of files without a hash: folders and files of the first level, since CloudFront's limit for code is 10,240 bytes. */
const FIXED = [...new Set(FILES.map(({ path }) => /^\/[^/]+\/?/.exec(path)?.[0] ?? ""))].filter(
  (path) => path !== IMMUTABLE_FOLDER,
);

/**
 * Code of the edge that sends a page's request to the bucket, as the local server does (packages/api/src/http/site.ts): a file by its path, and
 * the page for whatever else a browser asks for that is not the API's. The query is dropped: S3 takes `?response-content-type=…` for an order.
 */
export const sendToApp = `var q = event.request;
if (/^(GET|HEAD)$/.test(q.method) && !/${API_PATHS}/.test(q.uri)) {
  var f = ${JSON.stringify(FIXED)}.some((p) => q.uri.startsWith(p)) ? q.uri : q.headers.accept && q.headers.accept.value.includes("text/html") ? "${PAGE}" : "";
  if (f) {
    q.uri = "${APP_PREFIX}" + f;
    q.querystring = {};
  }
}`;

const accessControl = new aws.cloudfront.OriginAccessControl("AppAccessControl", {
  name: nameOf("app", "originAccessControl"),
  originAccessControlOriginType: "s3",
  signingBehavior: "always",
  signingProtocol: "sigv4",
});

/** The app's bucket, for the one behaviour that the edge caches. */
export const appOrigin = {
  originId: ORIGIN,
  domainName: appBucket.nodes.bucket.bucketRegionalDomainName,
  originAccessControlId: accessControl.id,
};

/** Files whose name has a hash of their content: kept at the edge for a year, and compressed there. */
export const assetsBehaviour = (responseHeadersPolicyId: $util.Output<string>) => ({
  pathPattern: `${IMMUTABLE_FOLDER}*`,
  targetOriginId: ORIGIN,
  viewerProtocolPolicy: "redirect-to-https",
  allowedMethods: ["GET", "HEAD"],
  cachedMethods: ["GET", "HEAD"],
  compress: true,
  cachePolicyId: CACHING_OPTIMIZED,
  responseHeadersPolicyId,
});
