import { isIPv6 } from "node:net";
import type { Context } from "hono";
import * as v from "valibot";
import { Config } from "@gotong/core/config.ts";

/** What the servers hand in with a request: Node's request, or the event of a function URL. */
const Environment = v.object({
  incoming: v.optional(v.object({ socket: v.object({ remoteAddress: v.optional(v.string()) }) })),
  event: v.optional(v.object({ requestContext: v.object({ http: v.object({ sourceIp: v.string() }) }) })),
});

/** CloudFront alone may call the function, and overwrites this header. */
const VIEWER = "cloudfront-viewer-address";

/**
 * The address that a request comes from: what the one trusted header says, when one is configured, else who is at the other
 * end of the connection. A header that is not the trusted one is never looked at: anyone can write it.
 * @returns an IPv4 address, or the /64 network of an IPv6 one; `unknown` without a server
 */
export function clientAddress(c: Context): string {
  const trusted = Config.section("http").CLIENT_ADDRESS_HEADER ?? (isFunction(c.env) ? VIEWER : undefined);
  const said = trusted === undefined ? undefined : addressIn(trusted, c.req.header(trusted) ?? "");
  return networkOf(said ?? peerOf(c.env) ?? "unknown");
}

const isFunction = (env: unknown) => v.is(v.object({ event: v.looseObject({}) }), env);

function peerOf(env: unknown): string | undefined {
  const parsed = v.safeParse(Environment, env);
  if (!parsed.success) return undefined;
  return parsed.output.event?.requestContext.http.sourceIp ?? parsed.output.incoming?.socket.remoteAddress;
}

/** `CloudFront-Viewer-Address` ends in a port; of a list, only the last entry was written by the proxy that we trust. */
function addressIn(header: string, value: string): string | undefined {
  const last = (value.split(",").at(-1) ?? "").trim();
  const address = header === VIEWER ? last.slice(0, last.lastIndexOf(":")) : last;
  return address === "" ? undefined : address.replaceAll(/[[\]]/g, "");
}

/** A home or a phone has a whole /64 of IPv6 addresses to itself, and could use another one for each request. */
function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.toLowerCase().split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - left.length - right.length);
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}
