/** As infra/cdn.ts names it: the address that CloudFront saw. */
const VIEWER_ADDRESS_HEADER = "x-viewer-address";

/** A GET request as a function URL hands it to Lambda (payload format 2.0). @param client an IPv4 address */
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
