import type { Context } from "hono";
import * as v from "valibot";

/** What the servers hand to the app beside the request: the socket, or the event of the function. */
const Socket = v.object({ incoming: v.object({ socket: v.object({ remoteAddress: v.string() }) }) });
const FunctionUrl = v.object({
  event: v.object({ requestContext: v.object({ http: v.object({ sourceIp: v.string() }) }) }),
});

/**
 * The address that a request comes from: of the socket, or behind CloudFront the viewer's. A header that anyone could write
 * (`X-Forwarded-For`) is not believed.
 */
export function clientAddress(c: Context): string {
  const socket = v.safeParse(Socket, c.env);
  if (socket.success) return socket.output.incoming.socket.remoteAddress;
  const url = v.safeParse(FunctionUrl, c.env);
  if (!url.success) return "unknown";
  // CloudFront alone can call the function, and overwrites this header: `address:port`.
  const viewer = c.req.header("cloudfront-viewer-address")?.replace(/:\d+$/, "");
  return viewer ?? url.output.event.requestContext.http.sourceIp;
}
