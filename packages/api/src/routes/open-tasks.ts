import { Hono } from "hono";
import { OpenTasks } from "@gotong/core/domain/task/index.ts";
import { jsonText } from "../json-text.ts";
import { query } from "../middleware/input.ts";

export const openTasks = new Hono().get("/", query(OpenTasks.ListQuery), async (c) =>
  jsonText(c, await OpenTasks.list(c.req.valid("query"))),
);
