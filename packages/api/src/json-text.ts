import type { Context } from "hono";

/** A response whose body is JSON already, such as a cached list. */
export const jsonText = (c: Context, text: string): Response =>
  c.body(text, 200, { "content-type": "application/json" });
