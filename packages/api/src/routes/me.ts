import { Hono } from "hono";
import { AttestationQuery } from "@gotong/core/domain/evidence/attestation-query.ts";
import { AvatarInput } from "@gotong/core/domain/avatar/index.ts";
import { Block } from "@gotong/core/domain/block/index.ts";
import { Profile, User } from "@gotong/core/domain/user/index.ts";
import { EmailChange, ExportQuery, Mfa } from "@gotong/core/domain/account/index.ts";
import { NotificationInput } from "@gotong/core/domain/notification/index.ts";
import { OwnPassword, OwnSessions } from "@gotong/core/domain/session/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { clientAddress } from "../client-address.ts";
import { body, params, query } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";

const attestation = lazy(() => import("@gotong/core/domain/evidence/attestation.ts"));
const settings = lazy(() => import("@gotong/core/domain/notification/settings.ts"));
const subscriptions = lazy(() => import("@gotong/core/domain/notification/subscriptions.ts"));
const avatar = lazy(() => import("@gotong/core/domain/avatar/avatar.ts"));
const account = lazy(() => import("@gotong/core/domain/account/account.ts"));
const other = params(Block.UserId);

export const me = new Hono()
  .use(requireMember)
  .get("/", async (c) => c.json(await User.me()))
  .patch("/", body(Profile.Change), async (c) => c.json(await Profile.change(c.req.valid("json"))))
  .delete("/", body(OwnPassword.Proof), async (c) => {
    const { Account } = await account();
    await Account.remove(c.req.valid("json"), await clientAddress(c));
    return c.body(null, 204);
  })
  .post("/password", body(OwnPassword.Change), async (c) => {
    await OwnPassword.change(c.req.valid("json"), await clientAddress(c));
    return c.body(null, 204);
  })
  .post("/email", body(EmailChange.Request), async (c) => {
    await EmailChange.request(c.req.valid("json"), await clientAddress(c));
    return c.body(null, 202);
  })
  .get("/sessions", query(OwnSessions.ListQuery), async (c) => c.json(await OwnSessions.list(c.req.valid("query"))))
  .delete("/sessions", async (c) => {
    await OwnSessions.endOthers();
    return c.body(null, 204);
  })
  .delete("/sessions/:session_id", params(OwnSessions.SessionId), async (c) => {
    await OwnSessions.end(c.req.valid("param").session_id);
    return c.body(null, 204);
  })
  .get("/mfa", async (c) => c.json(await Mfa.status()))
  .post("/mfa/totp", body(OwnPassword.Proof), async (c) =>
    c.json(await Mfa.enrol(c.req.valid("json"), await clientAddress(c)), 201),
  )
  .post("/mfa/totp/confirm", body(Mfa.Confirmation), async (c) => c.json(await Mfa.confirm(c.req.valid("json"))))
  .delete("/mfa/totp", body(Mfa.BothFactors), async (c) => {
    await Mfa.disable(c.req.valid("json"), await clientAddress(c));
    return c.body(null, 204);
  })
  .post("/mfa/recovery-codes", body(Mfa.BothFactors), async (c) =>
    c.json(await Mfa.renew(c.req.valid("json"), await clientAddress(c))),
  )
  .get("/export", query(ExportQuery.Query), async (c) => {
    c.header("content-disposition", 'attachment; filename="gotong-royong.json"');
    const { Account } = await account();
    return c.json(await Account.exportPart(c.req.valid("query")));
  })
  .get("/avatar", async (c) => {
    const { Avatar } = await avatar();
    return c.json(await Avatar.get());
  })
  .put("/avatar", body(AvatarInput.Choice), async (c) => {
    const { Avatar } = await avatar();
    return c.json(await Avatar.set(c.req.valid("json")), 202);
  })
  .delete("/avatar", async (c) => {
    const { Avatar } = await avatar();
    await Avatar.remove();
    return c.body(null, 204);
  })
  .post("/avatar/uploads", body(AvatarInput.UploadRequest), async (c) => {
    const { Avatar } = await avatar();
    return c.json(await Avatar.requestUpload(c.req.valid("json")), 201);
  })
  .get("/attestations", query(AttestationQuery), async (c) => {
    const Attestations = await attestation();
    return c.json(await Attestations.list(c.req.valid("query")));
  })
  .get("/notification-settings", async (c) => {
    const { NotificationSettings } = await settings();
    return c.json(await NotificationSettings.get());
  })
  .patch("/notification-settings", body(NotificationInput.Change), async (c) => {
    const { NotificationSettings } = await settings();
    return c.json(await NotificationSettings.change(c.req.valid("json")));
  })
  .post("/push-subscriptions", body(NotificationInput.Device), async (c) => {
    const { PushSubscriptions } = await subscriptions();
    return c.json(await PushSubscriptions.add(c.req.valid("json")), 201);
  })
  .delete("/push-subscriptions/:subscription_id", params(NotificationInput.SubscriptionId), async (c) => {
    const { PushSubscriptions } = await subscriptions();
    await PushSubscriptions.remove(c.req.valid("param").subscription_id);
    return c.body(null, 204);
  })
  .get("/blocks", query(Block.ListQuery), async (c) => c.json(await Block.list(c.req.valid("query"))))
  .put("/blocks/:user_id", other, async (c) => c.json(await Block.add(c.req.valid("param").user_id)))
  .delete("/blocks/:user_id", other, async (c) => {
    await Block.remove(c.req.valid("param").user_id);
    return c.body(null, 204);
  });
