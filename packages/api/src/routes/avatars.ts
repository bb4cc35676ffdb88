import { Hono } from "hono";
import { AvatarInput } from "@gotong/core/domain/avatar/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { params } from "../middleware/input.ts";

const pictures = lazy(() => import("@gotong/core/domain/avatar/picture.ts"));

/** Profile pictures, for everyone who has a name from a list: an `<img>` sends no access token. */
export const avatars = new Hono().get("/:name", params(AvatarInput.Name), async (c) => {
  const { read } = await pictures();
  const picture = await read(c.req.valid("param").name);
  return c.body(picture, 200, {
    "content-type": "image/webp",
    // Pages of the origins in CORS_ORIGINS show pictures too.
    "cross-origin-resource-policy": "cross-origin",
  });
});
