import { Hono } from "hono";
import { Skill } from "@gotong/core/domain/skill/index.ts";
import { body, query } from "../middleware/input.ts";
import { requires } from "../middleware/requires.ts";
import { signedIn } from "../middleware/signed-in.ts";

export const skills = new Hono()
  .use(signedIn)
  .get("/", query(Skill.ListQuery), async (c) => c.json(await Skill.list(c.req.valid("query"))))
  .post("/", requires("admin"), body(Skill.Creation), async (c) =>
    c.json(await Skill.create(c.req.valid("json")), 201),
  );
