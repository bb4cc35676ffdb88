import type { Context, MiddlewareHandler } from "hono";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import type { Rule } from "@gotong/core/platform/limit/index.ts";
import { Hashing } from "@gotong/core/domain/password/index.ts";
import { clientAddress } from "../client-address.ts";
import { isProbe } from "../route-kinds.ts";

const network = lazy(() => import("@gotong/core/platform/network.ts"));
const limits = lazy(() => import("@gotong/core/platform/limit/limit.ts"));
const authentication = lazy(() => import("./authentication.ts"));
const uploads = lazy(() => import("@gotong/core/domain/evidence/upload-quota.ts"));

/** The route that grants uploads. */
export const UPLOADS_PATH = "/v1/contributions/:contribution_id/uploads";

/**
 * Limits the requests of an address to 100 a minute (platform.md §1). Password hashing during the request is attributed
 * to the network of the address, for IPv6 its /48: see {@link Hashing.run}.
 * @throws AppError RATE_LIMITED
 */
export const addressRateLimit: MiddlewareHandler = async (c, next) => {
  if (isProbe(c.req.path)) return next();
  const rule = { name: "address", limit: Config.section("http").RATE_LIMIT_PER_MINUTE, windowSeconds: 60 };
  const address = await clientAddress(c);
  await count(c, rule, address);
  const { Network } = await network();
  await Hashing.forSource(Network.networksOf(address).at(-1) ?? address, next);
};

/** Sets the rate limit headers of a member's uploads: 10 an hour (platform.md §1), counted when an upload is granted. */
export const uploadQuotaHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method !== "POST") return;
  const [{ callerOf }, { uploadQuota }] = await Promise.all([authentication(), uploads()]);
  const member = await callerOf(c);
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
