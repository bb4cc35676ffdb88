import { Hono } from "hono";
import * as v from "valibot";
import { Input } from "@gotong/core/input.ts";
import { Reputation } from "@gotong/core/reputation/index.ts";
import { User } from "@gotong/core/user/index.ts";
import { params } from "../middleware/input.ts";
import { signedIn } from "../middleware/signed-in.ts";

const id = params(v.strictObject({ user_id: Input.uuid }));

export const me = new Hono().use(signedIn).get("/", async (c) => c.json(await User.me()));

export const users = new Hono()
  .use(signedIn)
  .get("/:user_id", id, async (c) => c.json(await User.get(c.req.valid("param").user_id)))
  .get("/:user_id/reputation", id, async (c) => c.json(await Reputation.get(c.req.valid("param").user_id)));
