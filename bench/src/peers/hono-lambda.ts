// A minimal Hono function, which measures the lower limit of a cold start.
import { Hono } from "hono";
import { handle } from "hono/aws-lambda";

const app = new Hono()
  .get("/live", (c) => c.json({ status: "live" }))
  .get("/v1/tasks", (c) => c.json({ code: "UNAUTHENTICATED" }, 401));
export const handler = handle(app);
