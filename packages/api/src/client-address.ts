import type { Context } from "hono";
import * as v from "valibot";
import type { Client } from "@gotong/core/domain/session/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";

const network = lazy(() => import("@gotong/core/platform/network.ts"));

/** The environment that a server passes with a request: Node's request, or the event of a function URL. */
const Environment = v.object({
  incoming: v.optional(v.object({ socket: v.object({ remoteAddress: v.optional(v.string()) }) })),
  event: v.optional(v.object({ requestContext: v.object({ http: v.object({ sourceIp: v.string() }) }) })),
});

/** CloudFront's header, an address with a port. */
const VIEWER = "cloudfront-viewer-address";

const addresses = new WeakMap<Context, Promise<string>>();

/**
 * The client's address, read once for each request: from the one trusted header if one is configured, otherwise the peer of the connection or the
 * caller of the function. No other header is read: any client can set it, also through CloudFront, which forwards it.
 * @returns an IPv4 address, or the /64 network of an IPv6 one; `unknown` without a server
 */
export function clientAddress(c: Context): Promise<string> {
  const known = addresses.get(c) ?? read(c);
  addresses.set(c, known);
  return known;
}

async function read(c: Context): Promise<string> {
  const forwarded = forwardedAddress((name) => c.req.header(name));
  const { Network } = await network();
  return Network.networksOf(forwarded ?? peerOf(c.env) ?? "unknown")[0];
}

/** The address in the one trusted header; undefined if none is configured. @param header reads a header by its name in lower case */
export function forwardedAddress(header: (name: string) => string | undefined): string | undefined {
  const trusted = Config.section("http").CLIENT_ADDRESS_HEADER;
  return trusted === undefined ? undefined : addressIn(trusted, header(trusted) ?? "");
}

/** The client of a request, for the list of a member's sessions and the limits of failed logins. */
export async function clientOf(c: Context): Promise<Client> {
  return { address: await clientAddress(c), userAgent: c.req.header("user-agent") ?? "" };
}

function peerOf(env: unknown): string | undefined {
  const parsed = v.safeParse(Environment, env);
  if (!parsed.success) return undefined;
  return parsed.output.event?.requestContext.http.sourceIp ?? parsed.output.incoming?.socket.remoteAddress;
}

/** Only the last entry of a list was written by the trusted proxy. */
function addressIn(header: string, value: string): string | undefined {
  const last = (value.split(",").at(-1) ?? "").trim();
  const address = header === VIEWER ? last.slice(0, last.lastIndexOf(":")) : last;
  return address === "" ? undefined : address.replaceAll(/[[\]]/g, "");
}
