// A minimal Hono function: what a cold start costs at least.
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";

const app = new Hono()
  .get("/live", (c) => c.json({ status: "live" }))
  .get("/v1/tasks", (c) => c.json({ code: "UNAUTHENTICATED" }, 401));
export const handler = handle(app);
