import { Hono } from "hono";
import { AvatarInput } from "@gotong/core/domain/avatar/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { params } from "../middleware/input.ts";

const pictures = lazy(() => import("@gotong/core/domain/avatar/picture.ts"));

/**
 * Profile pictures. The route needs no access token, since an `<img>` element sends none: any caller who knows a
 * picture's name gets the picture.
 */
export const avatars = new Hono().get("/:name", params(AvatarInput.Name), async (c) => {
  const { read } = await pictures();
  const picture = await read(c.req.valid("param").name);
  return c.body(picture, 200, {
    "content-type": "image/webp",
    // Overrides the default `same-origin`, since pages of the origins in CORS_ORIGINS show pictures too.
    "cross-origin-resource-policy": "cross-origin",
  });
});
