import type * as v from "valibot";
import { Answer } from "@gotong/core/platform/answer.ts";
import { HEADER_MAX_LENGTH } from "../middleware/header-limit.ts";
import { hasEtag } from "../route-kinds.ts";
import { type JsonSchema, answerSchema, requestSchema } from "./json-schema.ts";
import type { Route } from "./routes.ts";

/** The header parameters that several operations share. */
export const PARAMETERS: Readonly<Record<string, JsonSchema>> = {
  RequestId: {
    name: "X-Request-Id",
    in: "header",
    description:
      "The id of the request: 1 to 128 letters, digits, `_`, `.`, `:` and `-`. If it is missing or malformed, the API generates one.",
    schema: { type: "string", maxLength: HEADER_MAX_LENGTH },
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description: "Makes the request safe to retry for 24 h. Use a new random key for each operation.",
    schema: { type: "string", pattern: "^[!-~]{1,255}$", maxLength: 255 },
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "The `ETag` of the cached response.",
    schema: { type: "string", maxLength: HEADER_MAX_LENGTH },
  },
};

/** Query parameters that are sent as strings but have another type in the contract. */
const QUERY: Readonly<Record<string, { description: string; schema?: JsonSchema }>> = {
  limit: {
    description: "The maximum number of items.",
    schema: { ...answerSchema(Answer.integer(1, 100)), default: 20 },
  },
  cursor: { description: "`next_cursor` of the previous page.", schema: answerSchema(Answer.cursor) },
  ids: { description: "Up to 100 ids, separated by commas." },
  status: { description: "Returns only items with one of these values, separated by commas." },
  difficulty: { description: "Returns only items with one of these values, separated by commas." },
  type: { description: "Returns only items with one of these types, separated by commas." },
  user: { description: "The id of a member, or `me`." },
  creator: { description: "The id of a member, or `me`." },
  assignee: { description: "The id of a member, or `me`." },
  voucher: { description: "The id of a member, or `me`." },
  vouchee: { description: "The id of a member, or `me`." },
  updated_since: {
    description: "Returns only items that changed at or after this time, in the order of their last changes.",
  },
  near: { description: "Latitude and longitude: returns the items around this place, nearest first, at most 500." },
  radius_km: {
    description: "How far from `near` an item may be. It has no effect without `near`.",
    schema: { type: "number", minimum: 0.1, maximum: 500, default: 10 },
  },
  q: { description: "Words, all of which must occur." },
  deep: { description: "Whether to check an auto-paused database too.", schema: { type: "boolean", default: false } },
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
    description: QUERY[name]?.description ?? "Returns only items with this value.",
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
