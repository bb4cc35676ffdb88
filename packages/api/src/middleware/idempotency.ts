import type { Context } from "hono";
import { invalidField } from "@gotong/core/platform/error.ts";
import type { RequestOutcome } from "@gotong/core/platform/idempotency/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { clientAddress } from "../client-address.ts";
import type { Step } from "./guard.ts";
import { answer, madeOf } from "./plain-headers.ts";

const core = lazy(() => import("@gotong/core/platform/idempotency/idempotency.ts"));
const authentication = lazy(() => import("./authentication.ts"));

/** Pattern of a key: visible ASCII, up to the 255 characters of the database column. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** Routes on which a repeated request is harmless: it changes nothing more, or another limit restricts it. */
const REPEATABLE =
  /^\/v1\/(auth\/(logout|password-resets|email-proofs)|notifications\/([^/]+\/)?read|me\/push-subscriptions)$/;
/**
 * Response headers that describe the result and are stored with it. All other headers, such as the request id, are new
 * in each response.
 */
const STORED_HEADERS = ["content-type", "location", "www-authenticate"];

/**
 * Supports `Idempotency-Key` on every POST: the work is done once, and its response is replayed for 24 h. A key is scoped to the member, or on public
 * routes to the client address; on other routes an anonymous request is rejected before its key is used.
 * @throws AppError VALIDATION_FAILED for an invalid key, IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED
 */
export const idempotency: Step = {
  before: (c) => {
    const key = keyOf(c);
    if (key !== undefined && !KEY.test(key))
      throw invalidField("Idempotency-Key", "format", "must be 1 to 255 visible ASCII characters");
    return undefined;
  },
  around: (c) => {
    const key = keyOf(c);
    return key === undefined ? undefined : (next) => once(c, key, next);
  },
};

const keyOf = (c: Context) => (c.req.method === "POST" ? c.req.header("idempotency-key") : undefined);

async function once(c: Context, key: string, next: () => Promise<void>): Promise<void> {
  const [{ Idempotency }, { callerOf }] = await Promise.all([core(), authentication()]);
  const member = c.req.path.startsWith("/v1/auth/") ? undefined : await callerOf(c);
  if (!member && !c.req.path.startsWith("/v1/auth/")) return next();
  const scope = member ? Idempotency.userScope(member.userId) : Idempotency.addressScope(await clientAddress(c));
  const { method, path } = c.req;
  const replay = await Idempotency.once({ scope, key, method, path, body: await c.req.text() }, async () => {
    await next();
    return outcomeOf(c);
  });
  if (!replay) return;
  // The response is created by the context, so that it also has the headers of this request (id, rate limits).
  c.header("idempotency-replayed", "true");
  answer(c, replay.body, replay.status, replay.headers);
}

/**
 * Decides whether a response is stored. A server error rolls the work back, so that a retry repeats it. Responses to
 * invalid requests (400) and to rate-limited requests (429) are not stored. If the caller already has many records,
 * responses to refused requests and to requests on {@link REPEATABLE} routes are not stored either.
 */
function outcomeOf(c: Context): RequestOutcome {
  const { status } = c.res;
  if (status >= 500 || status === 400) return "rolled_back";
  if (status === 429) return "committed";
  const made = madeOf(c);
  if (!made) throw new Error("a response that was not made by c.json or c.body cannot be replayed");
  const headers = Object.entries(made.headers).filter(([name]) => STORED_HEADERS.includes(name));
  return {
    store: { status, headers: Object.fromEntries(headers), body: made.body ?? "" },
    isRepeatable: status >= 400 || REPEATABLE.test(c.req.path),
  };
}
