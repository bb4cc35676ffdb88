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
 * @returns an IPv4 address, or the /64 network of an IPv6 one; `unknown` without a server
 */
export function clientAddress(c: Context): string {
  const socket = v.safeParse(Socket, c.env);
  if (socket.success) return network(socket.output.incoming.socket.remoteAddress);
  const url = v.safeParse(FunctionUrl, c.env);
  if (!url.success) return "unknown";
  // CloudFront alone can call the function, and overwrites this header: `address:port`.
  const viewer = c.req.header("cloudfront-viewer-address")?.replace(/:\d+$/, "");
  return network(viewer ?? url.output.event.requestContext.http.sourceIp);
}

/** A home or a phone has a whole /64 of IPv6 addresses to itself, and could use another one for each request. */
function network(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined || !address.includes(":")) return mapped ?? address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) groups.push(...Array<string>(8).fill("0")); // the zeros that `::` stands for are at least these
  return `${groups.slice(0, 4).join(":")}::/64`;
}
