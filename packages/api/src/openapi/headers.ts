import { Answer } from "@gotong/core/platform/answer.ts";
import { type JsonSchema, answerSchema } from "./json-schema.ts";

export const header = (name: string): JsonSchema => ({ $ref: `#/components/headers/${name}` });

/** The headers of responses. */
export const HEADERS: Readonly<Record<string, JsonSchema>> = {
  "X-Request-Id": {
    description: "The id of the request in logs and events.",
    schema: { type: "string", maxLength: 128 },
  },
  "Access-Control-Allow-Origin": {
    description: "The origin of the page if `CORS_ORIGINS` contains it. Never `*`.",
    schema: { type: "string", format: "uri", maxLength: 300 },
  },
  "Retry-After": { description: "Seconds to wait.", schema: answerSchema(Answer.integer(1, 86_400)) },
  RateLimit: {
    description: "The remaining requests, and the seconds until the window resets.",
    schema: { type: "string", maxLength: 200 },
  },
  "RateLimit-Policy": {
    description: "The limit, and its window in seconds.",
    schema: { type: "string", maxLength: 200 },
  },
  ETag: {
    description: "Send it as `If-None-Match` to get 304 while the object is unchanged.",
    schema: { type: "string", maxLength: 100 },
  },
  "Idempotency-Replayed": {
    description: "`true` if this is the stored response to an earlier request with the same key.",
    schema: { type: "string", enum: ["true"] },
  },
};
