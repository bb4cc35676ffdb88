import type { Context, MiddlewareHandler } from "hono";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import type { Rule } from "@gotong/core/platform/limit/index.ts";
import { Hashing } from "@gotong/core/domain/password/hashing.ts";
import { clientAddress } from "../client-address.ts";
import { authorizationHeader } from "./authorization.ts";
import { isProbe } from "../route-kinds.ts";

const network = lazy(() => import("@gotong/core/platform/network.ts"));
const limits = lazy(() => import("@gotong/core/platform/limit/limit.ts"));
const authentication = lazy(() => import("./authentication.ts"));
const uploads = lazy(() => import("@gotong/core/domain/evidence/upload-quota.ts"));

/** The route that grants uploads. */
export const UPLOADS_PATH = "/v1/contributions/:contribution_id/uploads";

/**
 * Limits requests to 100 a minute (platform.md §1), of each member and of each client address without one. Mobile networks put
 * whole villages behind one IPv4 address (RFC 6888), so the members of an address share only a higher limit, which keeps
 * one person with many accounts from becoming many. Password hashing during the request is attributed to the network of
 * the address, for IPv6 its /48: see {@link Hashing.run}.
 * @throws AppError RATE_LIMITED
 */
export const addressRateLimit: MiddlewareHandler = async (c, next) => {
  if (isProbe(c.req.path)) return next();
  const { RATE_LIMIT_PER_MINUTE: limit, RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: shared } = Config.section("http");
  const address = await clientAddress(c);
  // Only a request with a header can be a member's: the others do not load what reads it.
  const member = c.req.header(authorizationHeader()) === undefined ? undefined : await memberOf(c);
  if (member) {
    await count(c, { name: "members of an address", limit: shared, windowSeconds: 60 }, address);
    await count(c, { name: "member", limit, windowSeconds: 60 }, member.userId);
  } else await count(c, { name: "address", limit, windowSeconds: 60 }, address);
  const { Network } = await network();
  await Hashing.forSource(Network.networksOf(address).at(-1) ?? address, next);
};

async function memberOf(c: Context) {
  const { callerOf } = await authentication();
  return callerOf(c);
}

/** Sets the rate limit headers of a member's uploads: 10 an hour (platform.md §1), counted when an upload is granted. */
export const uploadQuotaHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method !== "POST") return;
  const [member, { uploadQuota }] = await Promise.all([memberOf(c), uploads()]);
  if (member) setHeaders(c, "uploads", await uploadQuota(member.userId));
};

async function count(c: Context, rule: Rule, key: string): Promise<void> {
  const { Limit } = await limits();
  const { isAllowed, remaining, resetSeconds } = await Limit.take(rule, key);
  setHeaders(c, rule.name, { ...rule, remaining, resetSeconds });
  if (isAllowed) return;
  throw new AppError("RATE_LIMITED", {
    detail: `At most ${rule.limit} requests in ${rule.windowSeconds} s. Try again in ${resetSeconds} s.`,
    retryAfterSeconds: resetSeconds,
  });
}

interface Quota {
  readonly limit: number;
  readonly windowSeconds: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

/** Sets the headers of draft-ietf-httpapi-ratelimit-headers-10. With two limits, the second and stricter one replaces the first. */
function setHeaders(c: Context, name: string, { limit, windowSeconds, remaining, resetSeconds }: Quota): void {
  c.header("ratelimit-policy", `"${name}";q=${limit};w=${windowSeconds}`);
  c.header("ratelimit", `"${name}";r=${remaining};t=${resetSeconds}`);
}
