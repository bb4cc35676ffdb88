import { Hono } from "hono";
import { Vouch } from "@gotong/core/domain/vouch/index.ts";
import { body } from "../middleware/input.ts";
import { signedIn } from "../middleware/signed-in.ts";

export const vouches = new Hono()
  .use(signedIn)
  .post("/", body(Vouch.Creation), async (c) => c.json(await Vouch.create(c.req.valid("json")), 201));
