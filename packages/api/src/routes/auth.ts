import { Hono } from "hono";
import { Session } from "@gotong/core/session/index.ts";
import { PasswordReset } from "@gotong/core/session/reset.ts";
import { User } from "@gotong/core/user/index.ts";
import { clientAddress } from "../middleware/address.ts";
import { body } from "../middleware/input.ts";

export const auth = new Hono()
  .post("/register", body(User.Registration), async (c) => c.json(await Session.register(c.req.valid("json")), 201))
  .post("/login", body(Session.Login), async (c) => c.json(await Session.login(c.req.valid("json"), clientAddress(c))))
  .post("/refresh", body(Session.RefreshInput), async (c) => c.json(await Session.refresh(c.req.valid("json"))))
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
  });
