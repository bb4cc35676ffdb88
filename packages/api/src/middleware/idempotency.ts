import type { Context, MiddlewareHandler } from "hono";
import { invalidField } from "@gotong/core/platform/error.ts";
import type { RequestOutcome } from "@gotong/core/platform/idempotency/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { clientAddress } from "../client-address.ts";

const idempotency = lazy(() => import("@gotong/core/platform/idempotency/idempotency.ts"));
const signedIn = lazy(() => import("./signed-in.ts"));

/** Visible ASCII; the table keeps no more than 255. */
const KEY = /^[\x21-\x7e]{1,255}$/;
/** What of an answer's headers belongs to the work, and not to the request that carries it. */
const KEPT_HEADERS = ["content-type", "location", "www-authenticate"];

/**
 * `Idempotency-Key` on every POST: the work happens once, and its answer replays for 24 h. A key counts for its member, or
 * for its address where strangers are welcome; elsewhere a stranger is refused before a key can matter.
 * @throws AppError VALIDATION_FAILED for a key that is none, IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED
 */
export const idempotent: MiddlewareHandler = async (c, next) => {
  const key = c.req.header("idempotency-key");
  if (c.req.method !== "POST" || key === undefined) return next();
  if (!KEY.test(key)) {
    throw invalidField("Idempotency-Key", "format", "must be 1 to 255 visible ASCII characters");
  }
  const [{ Idempotency }, { callerOf }] = await Promise.all([idempotency(), signedIn()]);
  const member = c.req.path.startsWith("/v1/auth/") ? undefined : await callerOf(c);
  if (!member && !c.req.path.startsWith("/v1/auth/")) return next();
  const scope = member ? Idempotency.userScope(member.userId) : Idempotency.addressScope(await clientAddress(c));
  const { method, path } = c.req;
  const replay = await Idempotency.once({ scope, key, method, path, body: await c.req.text() }, async () => {
    await next();
    return outcomeOf(c);
  });
  if (!replay) return;
  // Made by the context, so that headers of this request (its id, its limits) are on it as well.
  const { status, headers } = replay;
  c.res = c.newResponse(replay.body === "" ? null : replay.body, new Response(null, { status, headers }));
  c.header("idempotency-replayed", "true");
};

/**
 * A failure on our side takes the work back, so that a retry does it. A refused body (400) and a limit (429) are not the
 * answer to a request that was understood, and are not kept.
 */
async function outcomeOf(c: Context): Promise<RequestOutcome> {
  const { status } = c.res;
  if (status >= 500 || status === 400) return "rolled_back";
  if (status === 429) return "committed";
  const headers = KEPT_HEADERS.flatMap((name) => {
    const value = c.res.headers.get(name);
    return value === null ? [] : [[name, value]];
  });
  return { store: { status, headers: Object.fromEntries(headers), body: await c.res.clone().text() } };
}
