import { Answer } from "@gotong/core/platform/answer.ts";
import { type JsonSchema, answerSchema } from "./json-schema.ts";

export const header = (name: string): JsonSchema => ({ $ref: `#/components/headers/${name}` });

/** The headers of answers. */
export const HEADERS: Readonly<Record<string, JsonSchema>> = {
  "X-Request-Id": { description: "Names the request in logs and events.", schema: { type: "string", maxLength: 128 } },
  "Access-Control-Allow-Origin": {
    description: "For pages of the origins in `CORS_ORIGINS`: that origin. Never `*`.",
    schema: { type: "string", format: "uri", maxLength: 300 },
  },
  "Retry-After": { description: "Seconds to wait.", schema: answerSchema(Answer.integer(1, 86_400)) },
  RateLimit: {
    description: "What is left, and seconds until it begins anew.",
    schema: { type: "string", maxLength: 200 },
  },
  "RateLimit-Policy": {
    description: "The limit and its window in seconds.",
    schema: { type: "string", maxLength: 200 },
  },
  ETag: {
    description: "Send it as `If-None-Match` to hear 304 while nothing has changed.",
    schema: { type: "string", maxLength: 100 },
  },
  "Idempotency-Replayed": {
    description: "`true` when this is the answer to an earlier request with the same key.",
    schema: { type: "string", enum: ["true"] },
  },
};
