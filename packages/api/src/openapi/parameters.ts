import type * as v from "valibot";
import { Answer } from "@gotong/core/platform/answer.ts";
import { HEADER_MAX_LENGTH } from "../middleware/headers.ts";
import { hasEtag } from "../route-kinds.ts";
import { type JsonSchema, answerSchema, requestSchema } from "./json-schema.ts";
import type { Route } from "./routes.ts";

/** The headers that many operations take. */
export const PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  RequestId: {
    name: "X-Request-Id",
    in: "header",
    description:
      "Names the request: 1 to 128 letters, digits, `_`, `.`, `:` and `-`. One is made when it is missing or written otherwise.",
    schema: { type: "string", maxLength: HEADER_MAX_LENGTH },
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description: "Makes the request safe to send again for 24 h: a random one for each thing that you want done.",
    schema: { type: "string", pattern: "^[!-~]{1,255}$", maxLength: 255 },
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "The `ETag` of what you have.",
    schema: { type: "string", maxLength: HEADER_MAX_LENGTH },
  },
};

/** Parameters whose schema speaks of texts, as a query is made of, where the contract means something else. */
const QUERY: Readonly<Record<string, { description: string; schema?: JsonSchema }>> = {
  limit: { description: "How many at most.", schema: { ...answerSchema(Answer.integer(1, 100)), default: 20 } },
  cursor: { description: "`next_cursor` of the page before.", schema: answerSchema(Answer.cursor) },
  q: { description: "Words that it holds, all of them." },
  deep: { description: "Whether to ask a sleeping database as well.", schema: { type: "boolean", default: false } },
};

export function parametersOf(route: Route): JsonSchema[] {
  const path = Object.entries(fieldsOf(route.param)).map(([name, schema]) => ({
    name,
    in: "path",
    required: true,
    description: `Id of the ${name.replace(/_id$/, "")}.`,
    schema: { ...schema, maxLength: 36 },
  }));
  const query = Object.entries(fieldsOf(route.query)).map(([name, schema]) => ({
    name,
    in: "query",
    required: false,
    description: QUERY[name]?.description ?? "Only what has this value.",
    schema: QUERY[name]?.schema ?? schema,
  }));
  const shared = ["RequestId"];
  if (route.method === "POST") shared.push("IdempotencyKey");
  if (hasEtag(route.method, route.path)) shared.push("IfNoneMatch");
  return [...path, ...query, ...shared.map((name) => ({ $ref: `#/components/parameters/${name}` }))];
}

function fieldsOf(schema: v.GenericSchema | undefined): Record<string, JsonSchema> {
  if (!schema) return {};
  const { properties } = requestSchema(schema);
  return typeof properties === "object" && properties !== null ? Object.fromEntries(Object.entries(properties)) : {};
}
