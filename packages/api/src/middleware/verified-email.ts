import type { Context } from "hono";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { assertProven } from "@gotong/core/domain/user/proven.ts";
import type { Step } from "./guard.ts";

const authentication = lazy(() => import("./authentication.ts"));

/** Groups in which a member may act without a verified e-mail address: their own account, and the verification itself. */
const OPEN_GROUPS = ["/v1/auth", "/v1/me"];

/**
 * Requests of these groups that store a file. They need a verified e-mail address nevertheless, since accounts with
 * invented addresses could fill the storage.
 */
const UPLOADS = /^(PUT|POST) \/v1\/me\/avatar(\/|$)/;

/**
 * Whether a request needs a verified e-mail address: true for uploads and for requests that change
 * what other members see, never for reads.
 */
export const needsVerifiedEmail = (method: string, path: string): boolean =>
  !["GET", "HEAD", "OPTIONS"].includes(method) &&
  path.startsWith("/v1/") &&
  (UPLOADS.test(`${method} ${path}`) || !OPEN_GROUPS.some((group) => path === group || path.startsWith(`${group}/`)));

/**
 * Requires a verified e-mail address on every route that changes what other members see. Runs before idempotency, so that the same request with the
 * same key succeeds once the e-mail address is verified.
 * @throws AppError EMAIL_NOT_VERIFIED
 */
export const requireVerifiedEmail: Step = {
  before: (c) => (needsVerifiedEmail(c.req.method, c.req.path) ? assertVerified(c) : undefined),
};

async function assertVerified(c: Context): Promise<undefined> {
  const { callerOf } = authentication.loaded ?? (await authentication());
  const member = await callerOf(c);
  if (member) assertProven(member);
}
