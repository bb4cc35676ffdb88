import { Hono } from "hono";
import { Vouch } from "@gotong/core/domain/vouch/index.ts";
import { body, query } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";

export const vouches = new Hono()
  .use(requireMember)
  .get("/", query(Vouch.AllQuery), async (c) => c.json(await Vouch.list(c.req.valid("query"))))
  .post("/", body(Vouch.Creation), async (c) => c.json(await Vouch.create(c.req.valid("json")), 201));
