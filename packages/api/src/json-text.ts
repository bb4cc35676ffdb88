import type { Context } from "hono";

/** A response whose body is already a JSON string, such as a cached list. */
export const jsonText = (c: Context, text: string): Response =>
  c.body(text, 200, { "content-type": "application/json" });
