import { Hono } from "hono";
import { Skill } from "@gotong/core/domain/skill/index.ts";
import { body, query } from "../middleware/input.ts";
import { requireRole } from "../middleware/require-role.ts";
import { requireMember } from "../middleware/authentication.ts";

export const skills = new Hono()
  .use(requireMember)
  .get("/", query(Skill.ListQuery), async (c) => c.json(await Skill.list(c.req.valid("query"))))
  .post("/", requireRole("admin"), body(Skill.Creation), async (c) =>
    c.json(await Skill.create(c.req.valid("json")), 201),
  );
