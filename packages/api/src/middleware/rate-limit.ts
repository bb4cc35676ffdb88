import type { Context, MiddlewareHandler } from "hono";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import type { Rule } from "@gotong/core/platform/limit/index.ts";
import { Hashing } from "@gotong/core/domain/password/hashing.ts";
import { clientAddress } from "../client-address.ts";
import { authorizationHeader } from "./authorization.ts";
import { isAvatar, isProbe } from "../route-kinds.ts";
import type { Step } from "./guard.ts";
import { madeOf, replace } from "./plain-headers.ts";

const network = lazy(() => import("@gotong/core/platform/network.ts"));
const limits = lazy(() => import("@gotong/core/platform/limit/limit.ts"));
const authentication = lazy(() => import("./authentication.ts"));
const uploads = lazy(() => import("@gotong/core/domain/evidence/upload-quota.ts"));

/** The route that grants uploads. */
export const UPLOADS_PATH = "/v1/contributions/:contribution_id/uploads";

/**
 * Limits requests to 100 a minute (platform.md §1): for each member, and for each client address if the request belongs
 * to no member. Mobile networks put whole villages behind one IPv4 address (RFC 6888). So all members behind one
 * address together have a higher limit, which stops one person with many accounts. Password hashing during the request
 * is attributed to the network of the client address, for IPv6 its /48: see {@link Hashing.run}.
 * @throws AppError RATE_LIMITED
 */
export const rateLimit: Step = {
  before: (c) => (isProbe(c.req.path) ? undefined : takeOne(c)),
  around: (c) => (c.req.method === "GET" ? undefined : (next) => forSource(c, next)),
};

async function takeOne(c: Context): Promise<undefined> {
  const { RATE_LIMIT_PER_MINUTE: limit, RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: shared } = Config.section("http");
  const address = await clientAddress(c);
  if (isAvatar(c.req.path)) {
    // Pictures have a limit of their own, as high as that of all members behind one address: a page shows a picture for
    // each member in its lists, and all members behind one address share this limit.
    await count(c, { name: "pictures", limit: shared, windowSeconds: 60 }, address);
    return;
  }
  // Only a request with the header can belong to a member: other requests do not load the code that reads the token.
  const member = c.req.header(authorizationHeader()) === undefined ? undefined : await memberOf(c);
  if (member) {
    await count(c, { name: "members of an address", limit: shared, windowSeconds: 60 }, address);
    await count(c, { name: "member", limit, windowSeconds: 60 }, member.userId);
  } else await count(c, { name: "address", limit, windowSeconds: 60 }, address);
}

/** Attributes password hashing to the client's network. Not needed for GET requests, which never hash a password. */
async function forSource(c: Context, next: () => Promise<void>): Promise<void> {
  const address = await clientAddress(c);
  const { Network } = network.loaded ?? (await network());
  await Hashing.forSource(Network.networksOf(address).at(-1) ?? address, next);
}

async function memberOf(c: Context) {
  const { countedCallerOf } = authentication.loaded ?? (await authentication());
  return countedCallerOf(c);
}

/** Sets the rate limit headers of a member's uploads: 10 an hour (platform.md §1), counted when an upload URL is issued. */
export const uploadQuotaHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method !== "POST") return;
  const [member, { uploadQuota }] = await Promise.all([memberOf(c), uploads()]);
  const made = madeOf(c);
  if (!member || !made) return;
  const own = Object.fromEntries(headersOf("uploads", await uploadQuota(member.userId)));
  replace(c, { ...made, headers: { ...made.headers, ...own } });
};

async function count(c: Context, rule: Rule, key: string): Promise<void> {
  const { Limit } = limits.loaded ?? (await limits());
  const { isAllowed, remaining, resetSeconds } = await Limit.take(rule, key);
  // If two limits apply, the headers of the second and stricter one replace those of the first.
  for (const [name, value] of headersOf(rule.name, { ...rule, remaining, resetSeconds })) c.header(name, value);
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

/** The headers of draft-ietf-httpapi-ratelimit-headers-10 for a rate limit. */
const headersOf = (name: string, { limit, windowSeconds, remaining, resetSeconds }: Quota) =>
  [
    ["ratelimit-policy", `"${name}";q=${limit};w=${windowSeconds}`],
    ["ratelimit", `"${name}";r=${remaining};t=${resetSeconds}`],
  ] as const;
