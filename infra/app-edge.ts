import { API_PATHS, IMMUTABLE_FOLDER, PAGE } from "../packages/api/src/http/app-hosting.ts";
import { FILES } from "./app-files.ts";
import { nameOf } from "./stage.ts";
import { appBucket } from "./storage.ts";

/** Prefix under which the router finds the files of the app's bucket. Clients never see it. */
export const APP_PREFIX = "/_app";
/** Id of AWS's managed policy that compresses files, and caches them for as long as their `Cache-Control` states. */
export const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const ORIGIN = "app";

/**
 * Path prefixes of files without a hash in their names. Only folders and files of the first level are listed, since
 * CloudFront limits the code to 10,240 bytes.
 */
const FIXED = [...new Set(FILES.map(({ path }) => /^\/[^/]+\/?/.exec(path)?.[0] ?? ""))].filter(
  (path) => path !== IMMUTABLE_FOLDER,
);

/**
 * Code of the CloudFront function that routes requests to the app's bucket, like the local server
 * (packages/api/src/http/site.ts): a file is found by its path, and every other browser navigation that is not for
 * the API gets the page. The function removes the query string, since S3 interprets parameters such as
 * `?response-content-type=…`.
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

/** The CloudFront origin for the app's bucket. Only the behaviour that caches files at the edge uses it. */
export const appOrigin = {
  originId: ORIGIN,
  domainName: appBucket.nodes.bucket.bucketRegionalDomainName,
  originAccessControlId: accessControl.id,
};

/**
 * The cache behaviour for files with a content hash in their names: CloudFront caches them for a year and compresses
 * them.
 */
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
