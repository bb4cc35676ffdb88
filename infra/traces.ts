/**
 * Returns code of the CloudFront function that marks a share of the requests for X-Ray. It drops the caller's own
 * trace header, since we would pay for that trace.
 * @param share 0–1
 */
export function markTraced(share: number): string {
  const drop = `delete event.request.headers["x-amzn-trace-id"];`;
  if (share === 0) return drop;
  return `${drop}
var TRACED_SHARE = ${share};
if (Math.random() < TRACED_SHARE) {
  var traceId = Math.floor(Date.now() / 1000).toString(16) + "-";
  while (traceId.length < 33) traceId += Math.floor(Math.random() * 16).toString(16);
  event.request.headers["x-amzn-trace-id"] = { value: "Root=1-" + traceId + ";Sampled=1" };
}`;
}
