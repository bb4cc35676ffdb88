import { Hono, type MiddlewareHandler } from "hono";
import { AppError } from "@gotong/core/platform/error.ts";
import { LockoutRules, PasswordReset, Session } from "@gotong/core/domain/session/index.ts";
import { EmailChange, Registration } from "@gotong/core/domain/account/index.ts";
import { EmailProof } from "@gotong/core/domain/user/index.ts";
import { clientOf } from "../client-address.ts";
import { body } from "../middleware/input.ts";

/** Sets the rate limit headers of a login that is locked out (draft-ietf-httpapi-ratelimit-headers). */
const loginLimitHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  if (!(c.error instanceof AppError) || c.error.code !== "RATE_LIMITED") return;
  const { limit, windowSeconds } = LockoutRules.policy();
  c.res.headers.set("ratelimit-policy", `"login";q=${limit};w=${windowSeconds}`);
  c.res.headers.set("ratelimit", `"login";r=0;t=${c.error.retryAfterSeconds ?? 0}`);
};

export const auth = new Hono()
  .post("/register", body(Registration.Account), async (c) =>
    c.json(await Registration.register(c.req.valid("json"), await clientOf(c)), 201),
  )
  .post("/login", loginLimitHeaders, body(Session.Login), async (c) =>
    c.json(await Session.login(c.req.valid("json"), await clientOf(c))),
  )
  .post("/refresh", body(Session.RefreshInput), async (c) =>
    c.json(await Session.refresh(c.req.valid("json"), await clientOf(c))),
  )
  .post("/logout", body(Session.RefreshInput), async (c) => {
    await Session.logout(c.req.valid("json"));
    return c.body(null, 204);
  })
  .post("/password-resets", body(PasswordReset.Request), async (c) => {
    await PasswordReset.request(c.req.valid("json"));
    return c.body(null, 202);
  })
  .post("/password-resets/confirm", body(PasswordReset.Confirmation), async (c) => {
    await PasswordReset.confirm(c.req.valid("json"));
    return c.body(null, 204);
  })
  .post("/email-changes/confirm", body(EmailChange.Confirmation), async (c) => {
    await EmailChange.confirm(c.req.valid("json"));
    return c.body(null, 204);
  })
  .post("/email-proofs", body(EmailProof.Request), async (c) => {
    await EmailProof.request(c.req.valid("json"));
    return c.body(null, 202);
  })
  .post("/email-proofs/confirm", body(EmailProof.Confirmation), async (c) => {
    await EmailProof.confirm(c.req.valid("json"));
    return c.body(null, 204);
  });
