import type { Context } from "hono";
import * as v from "valibot";
import type { Client } from "@gotong/core/domain/session/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";

const network = lazy(() => import("@gotong/core/platform/network.ts"));

/** What the servers hand in with a request: Node's request, or the event of a function URL. */
const Environment = v.object({
  incoming: v.optional(v.object({ socket: v.object({ remoteAddress: v.optional(v.string()) }) })),
  event: v.optional(v.object({ requestContext: v.object({ http: v.object({ sourceIp: v.string() }) }) })),
});

/** CloudFront's own header, which ends in a port. */
const VIEWER = "cloudfront-viewer-address";

const addresses = new WeakMap<Context, Promise<string>>();

/**
 * The address that a request comes from, read once for each request: what the one trusted header says, when one is configured, else who is at the other
 * end of the connection, or calls the function. A header that no setting names is never looked at: anyone can write it, also
 * through CloudFront, which hands on what the caller sent.
 * @returns an IPv4 address, or the /64 network of an IPv6 one; `unknown` without a server
 */
export function clientAddress(c: Context): Promise<string> {
  const known = addresses.get(c) ?? read(c);
  addresses.set(c, known);
  return known;
}

async function read(c: Context): Promise<string> {
  const trusted = Config.section("http").CLIENT_ADDRESS_HEADER;
  const said = trusted === undefined ? undefined : addressIn(trusted, c.req.header(trusted) ?? "");
  const { Network } = await network();
  return Network.networksOf(said ?? peerOf(c.env) ?? "unknown")[0];
}

/** Where a request comes from, for the list of a member's sessions and the limits of failed logins. */
export async function clientOf(c: Context): Promise<Client> {
  return { address: await clientAddress(c), userAgent: c.req.header("user-agent") ?? "" };
}

function peerOf(env: unknown): string | undefined {
  const parsed = v.safeParse(Environment, env);
  if (!parsed.success) return undefined;
  return parsed.output.event?.requestContext.http.sourceIp ?? parsed.output.incoming?.socket.remoteAddress;
}

/** Of a list, only the last entry was written by the proxy that we trust. */
function addressIn(header: string, value: string): string | undefined {
  const last = (value.split(",").at(-1) ?? "").trim();
  const address = header === VIEWER ? last.slice(0, last.lastIndexOf(":")) : last;
  return address === "" ? undefined : address.replaceAll(/[[\]]/g, "");
}
