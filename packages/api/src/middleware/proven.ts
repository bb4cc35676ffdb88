import type { MiddlewareHandler } from "hono";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { assertProven } from "@gotong/core/domain/user/proven.ts";

const signedIn = lazy(() => import("./signed-in.ts"));

/** Groups in which a member whose address is not proved may act: their own account, and what leads to the proof. */
const OPEN_GROUPS = ["/v1/auth", "/v1/me"];

/** Whether a request does something that others see. Reading never needs a proof. */
export const needsProof = (method: string, path: string): boolean =>
  !["GET", "HEAD", "OPTIONS"].includes(method) &&
  path.startsWith("/v1/") &&
  !OPEN_GROUPS.some((group) => path === group || path.startsWith(`${group}/`));

/**
 * Keeps members from acting who have not proved their e-mail address, in every route that there is or will be. Before the idempotency
 * key: the same request with the same key is to succeed once the address is proved.
 * @throws AppError EMAIL_NOT_VERIFIED
 */
export const proven: MiddlewareHandler = async (c, next) => {
  if (needsProof(c.req.method, c.req.path)) {
    const { callerOf } = await signedIn();
    const member = await callerOf(c);
    if (member) assertProven(member);
  }
  await next();
};
