import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import { CATALOGUE, type Code } from "@gotong/core/platform/error.ts";
import { HEADER_MAX_LENGTH } from "../middleware/headers.ts";
import { SCHEMAS } from "./components.ts";
import { REQUESTS, sampleOf } from "./examples.ts";
import { linkComponents, linksOf } from "./links.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { codesOf, exampleOf, isFree, problemAnswers, share } from "./problems.ts";
import { type Route, allRoutes } from "./routes.ts";
import { type Schema, cursor, ref, whole } from "./schema.ts";

const header = (name: string) => ({ $ref: `#/components/headers/${name}` });
const TAGS: Readonly<Record<string, string>> = {
  auth: "Accounts and sessions.",
  me: "The member who asks.",
  users: "Members, as others see them.",
  skills: "A shared taxonomy.",
  tasks: "Work to be done.",
  contributions: "Work that was done, and what others say of it.",
  evidence: "Proof of Reality.",
  vouches: "Members who answer for members.",
  admin: "For operators.",
  operations: "Health, metrics and this document.",
};

/** What the pages and probes show to everyone; tokens and limits do not matter there. */
const tagOf = (path: string) => {
  const area = /^\/v1\/([\w-]+)/.exec(path)?.[1] ?? "operations";
  return area in TAGS ? area : "operations";
};
/** A single object: see middleware/etag.ts. */
const isTagged = ({ method, path }: Route) =>
  method === "GET" && (path === "/v1/me" || /^\/v1\/[\w-]+\/:\w+$/.test(path));

/**
 * The OpenAPI document, from the routes and their schemas and from what this folder says of them.
 * @throws Error that names the routes of which this folder says nothing
 */
export async function buildDocument(): Promise<Schema> {
  const routes = await allRoutes();
  const unknown = routes.filter((route) => !OPERATIONS[keyOf(route)]).map(keyOf);
  if (unknown.length > 0)
    throw new Error(`packages/api/src/openapi/operations.ts has no entry for ${unknown.join(", ")}`);
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) {
    const operation = OPERATIONS[keyOf(route)];
    if (!operation) continue;
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(route, operation) };
  }
  const responses = share(paths);
  return {
    openapi: "3.1.0",
    info: {
      title: "Gotong Royong",
      version: "1.0.0",
      summary: "Mutual help for communities.",
      description:
        "Members publish tasks, claim and complete them, prove what they did, verify each other's contributions and vouch for each other. Conventions that hold for every route are in docs/api.md.",
      contact: { name: "Gotong Royong", url: "https://gotong-royong.example.org" },
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [
      {
        url: "/",
        description: "The stage, production or another, that this document comes from.",
        "x-internal": false,
      },
    ],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas: SCHEMAS,
      responses,
      examples: Object.fromEntries(codes().map((code) => [code, exampleOf(code)])),
      headers: HEADERS,
      parameters: PARAMETERS,
      links: linkComponents(routes.flatMap((route) => OPERATIONS[keyOf(route)] ?? [])),
      securitySchemes: {
        bearer: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "The `access_token` of a login, good for 15 minutes. As RFC8725 asks, algorithm, issuer, audience and type are pinned.",
        },
        admin: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description: "The same of a member who has the role `admin` at that moment. RFC8725 as above.",
        },
      },
    },
  };
}

const codes = () => Object.keys(CATALOGUE).filter((code): code is Code => code in CATALOGUE);
const keyOf = ({ method, path }: Route) => `${method} ${path}`;

const HEADERS: Readonly<Record<string, Schema>> = {
  "X-Request-Id": { description: "Names the request in logs and events.", schema: { type: "string", maxLength: 128 } },
  "Access-Control-Allow-Origin": {
    description: "For pages of the origins in `CORS_ORIGINS`: that origin. Never `*`.",
    schema: { type: "string", format: "uri", maxLength: 300 },
  },
  "Retry-After": { description: "Seconds to wait.", schema: whole(1, 86_400) },
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

const PARAMETERS: Readonly<Record<string, Schema>> = {
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

const notModified = Object.fromEntries(
  ["ETag", "X-Request-Id", "Access-Control-Allow-Origin", "RateLimit", "RateLimit-Policy"].map((name) => [
    name,
    header(name),
  ]),
);

function describe(route: Route, operation: Operation): Schema {
  const { id, summary, description, role, isOpen } = operation;
  const notes = [description, role && `Needs the role \`${role}\`.`].filter((note) => note !== undefined);
  const answers = Object.entries(operation.answers).map(([status, name]) => [status, success(route, operation, name)]);
  return {
    operationId: id,
    summary,
    description: notes.length > 0 ? notes.join(" ") : `${summary}.`,
    tags: [tagOf(route.path)],
    security: isOpen ? [] : [route.path.startsWith("/v1/admin/") ? { admin: [] } : { bearer: [] }],
    parameters: parametersOf(route),
    ...(route.json ? { requestBody: requestBody(route.json, id) } : {}),
    responses: merge(
      Object.fromEntries(answers),
      isTagged(route) ? { "304": { description: "Nothing has changed.", headers: notModified } } : {},
      problemAnswers(codesOf(route, operation)),
    ),
  };
}

/** A status that both an answer and a problem have (503 of `/ready`) keeps both of its types. */
function merge(...all: readonly Record<string, Schema>[]): Record<string, Schema> {
  const merged: Record<string, Schema> = {};
  for (const [status, answer] of all.flatMap((answers) => Object.entries(answers))) {
    const before = merged[status];
    merged[status] = before
      ? { ...answer, ...before, content: Object.assign({}, before["content"], answer["content"]) }
      : answer;
  }
  return merged;
}

function success(route: Route, operation: Operation, name: string | null): Schema {
  const isProbe = isFree(route.path);
  const headers = {
    "X-Request-Id": header("X-Request-Id"),
    "Access-Control-Allow-Origin": header("Access-Control-Allow-Origin"),
    ...(isProbe ? {} : { RateLimit: header("RateLimit"), "RateLimit-Policy": header("RateLimit-Policy") }),
    ...(isTagged(route) ? { ETag: header("ETag") } : {}),
    ...(route.method === "POST" ? { "Idempotency-Replayed": header("Idempotency-Replayed") } : {}),
  };
  if (name === null) return { description: "Done.", headers };
  if (name.includes("/")) {
    const schema = name === "application/json" ? { type: "object" } : { type: "string", maxLength: 10_000_000 };
    return { description: "The text.", headers, content: { [name]: { schema } } };
  }
  const schema = ref(name);
  const content = { "application/json": { schema, example: sampleOf(schema) } };
  return { description: name, headers, content, ...linksOf(operation, name) };
}

function parametersOf(route: Route): Schema[] {
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
  if (isTagged(route)) shared.push("IfNoneMatch");
  return [...path, ...query, ...shared.map((name) => ({ $ref: `#/components/parameters/${name}` }))];
}

/** Parameters whose schema speaks of texts, as a query is made of, where the contract means something else. */
const QUERY: Readonly<Record<string, { description: string; schema?: Schema }>> = {
  limit: { description: "How many at most.", schema: { ...whole(1, 100), default: 20 } },
  cursor: { description: "`next_cursor` of the page before.", schema: cursor },
  q: { description: "Words that it holds, all of them." },
  deep: { description: "Whether to ask a sleeping database as well.", schema: { type: "boolean", default: false } },
};

function requestBody(schema: v.GenericSchema, id: string): Schema {
  const content = { schema: toSchema(schema), ...(REQUESTS[id] === undefined ? {} : { example: REQUESTS[id] }) };
  const { required } = content.schema;
  const isNeeded =
    (Array.isArray(required) && required.length > 0) || "anyOf" in content.schema || "oneOf" in content.schema;
  return { required: isNeeded, content: { "application/json": content } };
}

function fieldsOf(schema: v.GenericSchema | undefined): Record<string, Schema> {
  if (!schema) return {};
  const { properties } = toSchema(schema);
  return typeof properties === "object" && properties !== null ? Object.fromEntries(Object.entries(properties)) : {};
}

/** What a request must look like. Rules that JSON Schema cannot say (checks, transformations) are left to the server. */
function toSchema(schema: v.GenericSchema): Schema {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, {
    errorMode: "ignore",
    typeMode: "input",
    target: "draft-2020-12",
  });
  return bounded(rest);
}

/** The part of the pattern of moments by which it is known; that the day exists is what only the format says. */
const OF_MOMENTS = "T([01]\\d|2[0-3]):";
/** What the longest text is that a pattern takes. */
const LONGEST: readonly (readonly [part: string, maxLength: number])[] = [
  ["{3,50}", 50],
  ["{64}", 64],
  [OF_MOMENTS, 40],
  ["evt_", 20],
];

/** Says the bounds that a pattern or a type implies: whoever reads the document reserves room by them. */
function bounded(schema: Schema): Schema {
  // Every name is a text; saying so tells nobody anything.
  const { propertyNames: _names, ...said } = schema;
  const inner = Object.fromEntries(Object.entries(said).map(([keyword, value]) => [keyword, within(value)]));
  if (inner["type"] === "integer") return { format: "int32", maximum: 2_147_483_647, ...inner };
  if (inner["type"] !== "string" || "maxLength" in inner || "enum" in inner || "const" in inner) return inner;
  if (inner["format"] === "uuid") return { ...inner, maxLength: 36 };
  const bound = LONGEST.find(([part]) => String(inner["pattern"]).includes(part))?.[1];
  const format = String(inner["pattern"]).includes(OF_MOMENTS) ? { format: "date-time" } : {};
  return bound === undefined ? inner : { ...inner, ...format, maxLength: bound };
}

function within(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(within);
  return typeof value === "object" && value !== null ? bounded(Object.fromEntries(Object.entries(value))) : value;
}
