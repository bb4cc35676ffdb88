import { Hono } from "hono";
import { NotificationInput } from "@gotong/core/domain/notification/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { body, params, query } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";

const byId = params(NotificationInput.NotificationId);
const feed = lazy(() => import("@gotong/core/domain/notification/feed.ts"));

export const notifications = new Hono()
  .use(requireMember)
  .get("/", query(NotificationInput.ListQuery), async (c) => {
    const { Feed } = await feed();
    return c.json(await Feed.list(c.req.valid("query")));
  })
  .post("/read", body(NotificationInput.UpTo), async (c) => {
    const { Feed } = await feed();
    return c.json(await Feed.markAllRead(c.req.valid("json")));
  })
  .post("/:notification_id/read", byId, async (c) => {
    const { Feed } = await feed();
    return c.json(await Feed.markRead(c.req.valid("param").notification_id));
  });
