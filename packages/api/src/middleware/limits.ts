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
const signedIn = lazy(() => import("./signed-in.ts"));
const uploads = lazy(() => import("@gotong/core/domain/evidence/upload-quota.ts"));

/** Where a member asks for a place to put a file. */
export const UPLOADS_PATH = "/v1/contributions/:contribution_id/uploads";

/**
 * Any client address: 100 requests a minute (platform.md §1). What the request hashes counts towards its network, an IPv6 one by
 * its /48: see {@link Hashing.run}.
 * @throws AppError RATE_LIMITED
 */
export const limitAddress: MiddlewareHandler = async (c, next) => {
  if (isProbe(c.req.path)) return next();
  const rule = { name: "address", limit: Config.section("http").RATE_LIMIT_PER_MINUTE, windowSeconds: 60 };
  const address = await clientAddress(c);
  await count(c, rule, address);
  const { Network } = await network();
  await Hashing.forSource(Network.networksOf(address).at(-1) ?? address, next);
};

/** Tells a member what they have left of their uploads: 10 an hour (platform.md §1), which the grant of an upload counts. */
export const tellUploads: MiddlewareHandler = async (c, next) => {
  await next();
  if (c.req.method !== "POST") return;
  const [{ callerOf }, { uploadQuota }] = await Promise.all([signedIn(), uploads()]);
  const member = await callerOf(c);
  if (member) tell(c, "uploads", await uploadQuota(member.userId));
};

async function count(c: Context, rule: Rule, key: string): Promise<void> {
  const { Limit } = await limits();
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
