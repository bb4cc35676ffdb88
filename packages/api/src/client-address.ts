import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import * as v from "valibot";
import type { Client } from "@gotong/core/domain/session/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";

const network = lazy(() => import("@gotong/core/platform/network.ts"));

/** The environment that Lambda passes with a request: the event of a function URL. */
const Environment = v.object({
  event: v.object({ requestContext: v.object({ http: v.object({ sourceIp: v.string() }) }) }),
});

/** CloudFront's header with the client's address and port. */
const VIEWER = "cloudfront-viewer-address";

const addresses = new WeakMap<Context, string>();

/**
 * The client address, read once per request: from the one trusted header if configured, otherwise the peer of the
 * connection or the caller of the function. No other header is read, since any client can set it, even through
 * CloudFront, which forwards it.
 * @returns an IPv4 address, or the /64 network of an IPv6 address; `unknown` without a server. A promise only while the
 * code that parses addresses is being loaded
 */
export function clientAddress(c: Context): string | Promise<string> {
  const known = addresses.get(c);
  if (known !== undefined) return known;
  return network.loaded ? read(c, network.loaded) : network().then((module) => read(c, module));
}

function read(c: Context, { Network }: typeof import("@gotong/core/platform/network.ts")): string {
  const forwarded = forwardedAddress((name) => c.req.header(name));
  const [address] = Network.networksOf(forwarded ?? peerOf(c.env) ?? "unknown");
  addresses.set(c, address);
  return address;
}

/** The address in the one trusted header; undefined if none is configured. @param header reads a header by its name in lower case */
export function forwardedAddress(header: (name: string) => string | undefined): string | undefined {
  const trusted = Config.section("http").CLIENT_ADDRESS_HEADER;
  return trusted === undefined ? undefined : addressIn(trusted, header(trusted) ?? "");
}

/** The client of a request, for the list of a member's sessions and for the limits of failed logins. */
export async function clientOf(c: Context): Promise<Client> {
  return { address: await clientAddress(c), userAgent: c.req.header("user-agent") ?? "" };
}

/** @param env the environment that the server passes with a request: Node's request, or the event of a function URL */
function peerOf(env: unknown): string | undefined {
  if (isNodes(env)) return env.incoming.socket.remoteAddress;
  const parsed = v.safeParse(Environment, env);
  return parsed.success ? parsed.output.event.requestContext.http.sourceIp : undefined;
}

const isNodes = (env: unknown): env is { incoming: IncomingMessage } =>
  typeof env === "object" && env !== null && "incoming" in env;

/** Parses the address from the trusted header. Uses the last entry of a list, since only that one was written by the trusted proxy. */
function addressIn(header: string, value: string): string | undefined {
  const last = (value.split(",").at(-1) ?? "").trim();
  const address = header === VIEWER ? last.slice(0, last.lastIndexOf(":")) : last;
  return address === "" ? undefined : address.replaceAll(/[[\]]/g, "");
}
