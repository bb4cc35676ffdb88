/** The header with the caller's address that CloudFront saw, with the same name as in infra/cdn.ts. */
const VIEWER_ADDRESS_HEADER = "x-viewer-address";

/**
 * Builds the event that a function URL sends to Lambda for a GET request (payload format 2.0).
 * @param client an IPv4 address
 */
export function requestEvent(target: string, client: string): unknown {
  const [rawPath = "/", rawQueryString = ""] = target.split("?");
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath,
    rawQueryString,
    headers: { host: "release.invalid", accept: "application/json", [VIEWER_ADDRESS_HEADER]: client },
    queryStringParameters: Object.fromEntries(new URLSearchParams(rawQueryString)),
    requestContext: {
      accountId: "anonymous",
      apiId: "release",
      domainName: "release.invalid",
      http: { method: "GET", path: rawPath, protocol: "HTTP/1.1", sourceIp: client, userAgent: "gotong release" },
      requestId: "release",
      routeKey: "$default",
      stage: "$default",
      time: "01/Jan/2026:00:00:00 +0000",
      timeEpoch: 0,
    },
    isBase64Encoded: false,
  };
}
