import { Hono } from "hono";
import { User } from "@gotong/core/user/index.ts";
import { Profile } from "@gotong/core/user/profile.ts";
import { body } from "../middleware/input.ts";
import { signedIn } from "../middleware/signed-in.ts";

export const me = new Hono()
  .use(signedIn)
  .get("/", async (c) => c.json(await User.me()))
  .patch("/", body(Profile.Change), async (c) => c.json(await Profile.change(c.req.valid("json"))))
  .delete("/", async (c) => {
    const { remove } = await import("@gotong/core/user/remove.ts");
    await remove();
    return c.body(null, 204);
  })
  .get("/export", async (c) => {
    c.header("content-disposition", 'attachment; filename="gotong-royong.json"');
    const { everything } = await import("@gotong/core/user/export.ts");
    return c.json(await everything());
  });
