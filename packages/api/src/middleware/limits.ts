import type { Context, MiddlewareHandler } from "hono";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import type { Rule } from "@gotong/core/platform/limit/index.ts";
import { Hashing } from "@gotong/core/domain/password/hashing.ts";
import { clientAddress } from "../client-address.ts";
import { authorizationHeader } from "./authorization.ts";
import { isProbe } from "../route-kinds.ts";

/** Where a member asks for a place to put a file. */
export const UPLOADS_PATH = "/v1/contributions/:contribution_id/uploads";

/**
 * 100 requests a minute (platform.md §1) of each member, and of each client address without one. Mobile networks put whole villages
 * behind one IPv4 address (RFC 6888), so members share only a higher limit of their address, which keeps one person with many accounts
 * from becoming many. What the request hashes counts towards its network, an IPv6 one by its /48: see {@link Hashing.run}.
 * @throws AppError RATE_LIMITED
 */
export const limitAddress: MiddlewareHandler = async (c, next) => {
  if (isProbe(c.req.path)) return next();
  const { RATE_LIMIT_PER_MINUTE: limit, RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: shared } = Config.section("http");
  const address = await clientAddress(c);
  // Only a request with a header can be a member's: the others do not load what reads it.
  const member = c.req.header(authorizationHeader()) === undefined ? undefined : await memberOf(c);
  if (member) {
    await count(c, { name: "members of an address", limit: shared, windowSeconds: 60 }, address);
    await count(c, { name: "member", limit, windowSeconds: 60 }, member.userId);
  } else await count(c, { name: "address", limit, windowSeconds: 60 }, address);
  const { Network } = await import("@gotong/core/platform/network.ts");
  await Hashing.forSource(Network.networksOf(address).at(-1) ?? address, next);
};

async function memberOf(c: Context) {
  const { callerOf } = await import("./signed-in.ts");
  return callerOf(c);
}

/** Tells a member what they have left of their uploads: 10 an hour (platform.md §1), which the grant of an upload counts. */
export const tellUploads: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method !== "POST") return;
  const [member, { uploadQuota }] = await Promise.all([
    memberOf(c),
    import("@gotong/core/domain/evidence/upload-quota.ts"),
  ]);
  if (member) tell(c, "uploads", await uploadQuota(member.userId));
};

async function count(c: Context, rule: Rule, key: string): Promise<void> {
  const { Limit } = await import("@gotong/core/platform/limit/index.ts");
  const { isAllowed, remaining, resetSeconds } = await Limit.take(rule, key);
  tell(c, rule.name, { ...rule, remaining, resetSeconds });
  if (isAllowed) return;
  throw new AppError("RATE_LIMITED", {
    detail: `At most ${rule.limit} in ${rule.windowSeconds} s. Try again in ${resetSeconds} s.`,
    retryAfterSeconds: resetSeconds,
  });
}

interface Quota {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** The headers of draft-ietf-httpapi-ratelimit-headers-10; of two limits the one that is told last, the narrower, shows. */
function tell(c: Context, name: string, { limit, windowSeconds, remaining, resetSeconds }: Quota): void {
  c.header("ratelimit-policy", `"${name}";q=${limit};w=${windowSeconds}`);
  c.header("ratelimit", `"${name}";r=${remaining};t=${resetSeconds}`);
}
