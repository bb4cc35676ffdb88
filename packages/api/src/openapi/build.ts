import type * as v from "valibot";
import { CATALOGUE, type Code } from "@gotong/core/platform/error.ts";
import { SCHEMAS, nameOf, ref } from "./components.ts";
import { REQUESTS, sampleOf } from "./examples.ts";
import { linkComponents, linksOf } from "./links.ts";
import type { Operation } from "./operation.ts";
import { OPERATIONS } from "./operations.ts";
import { codesOf, exampleOf, problemAnswers, share } from "./problems.ts";
import { hasEtag, isProbe } from "../route-kinds.ts";
import { type Route, allRoutes } from "./routes.ts";
import { HEADERS, header } from "./headers.ts";
import { type JsonSchema, requestSchema } from "./json-schema.ts";
import { PARAMETERS, parametersOf } from "./parameters.ts";

const TAGS: Readonly<Record<string, string>> = {
  auth: "Accounts and sessions.",
  me: "The current member.",
  users: "Members, as others see them.",
  avatars: "Profile pictures.",
  skills: "A shared taxonomy.",
  tasks: "Work that members ask for.",
  contributions: "Work that members have done, with evidence and votes.",
  evidence: "Proof of Reality.",
  vouches: "Statements of trust between members.",
  admin: "For operators.",
  operations: "Health, metrics and this document.",
};

/** The tag of a path: its first segment below `/v1`, or `operations`. */
const tagOf = (path: string) => {
  const area = /^\/v1\/([\w-]+)/.exec(path)?.[1] ?? "operations";
  return area in TAGS ? area : "operations";
};
/**
 * Builds the OpenAPI document from the routes, their input schemas and their documentation.
 * @throws Error that names the routes without documentation
 */
export async function buildDocument(): Promise<JsonSchema> {
  const routes = await allRoutes();
  const unknown = routes.filter((route) => !OPERATIONS[keyOf(route)]).map(keyOf);
  if (unknown.length > 0) throw new Error(`no packages/api/src/routes/*.docs.ts documents ${unknown.join(", ")}`);
  const paths: Record<string, Record<string, JsonSchema>> = {};
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
        "Members publish, claim and complete tasks, submit evidence of their contributions, verify each other's contributions and vouch for each other. docs/api.md describes the conventions of all routes.",
      contact: { name: "Gotong Royong", url: "https://gotong-royong.example.org" },
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [
      {
        url: "/",
        description: "The stage that serves this document.",
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
            "The `access_token` of a login, valid for 15 minutes. Algorithm, issuer, audience and type are pinned (RFC8725).",
        },
        admin: {
          type: "http",
          scheme: "bearer",
          bearerFormat: "JWT",
          description:
            "The access token of a member who currently has the role `admin`. Pinned in the same way (RFC8725).",
        },
      },
    },
  };
}

const codes = () => Object.keys(CATALOGUE).filter((code): code is Code => code in CATALOGUE);
const keyOf = ({ method, path }: Route) => `${method} ${path}`;

const notModified = Object.fromEntries(
  ["ETag", "X-Request-Id", "Access-Control-Allow-Origin", "RateLimit", "RateLimit-Policy"].map((name) => [
    name,
    header(name),
  ]),
);

function describe(route: Route, operation: Operation): JsonSchema {
  const { id, summary, description, role, isOpen } = operation;
  const notes = [description, role && `Requires the role \`${role}\`.`].filter((note) => note !== undefined);
  const answers = Object.entries(operation.answers).map(([status, body]) => [status, success(route, operation, body)]);
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
      hasEtag(route.method, route.path) ? { "304": { description: "Not modified.", headers: notModified } } : {},
      problemAnswers(codesOf(route, operation)),
    ),
  };
}

/** Merges responses by status. A status with both a response and a problem (503 of `/ready`) keeps both media types. */
function merge(...all: readonly Record<string, JsonSchema>[]): Record<string, JsonSchema> {
  const merged: Record<string, JsonSchema> = {};
  for (const [status, answer] of all.flatMap((answers) => Object.entries(answers))) {
    const before = merged[status];
    merged[status] = before
      ? { ...answer, ...before, content: Object.assign({}, before["content"], answer["content"]) }
      : answer;
  }
  return merged;
}

function success(route: Route, operation: Operation, body: Operation["answers"][number]): JsonSchema {
  const headers = {
    "X-Request-Id": header("X-Request-Id"),
    "Access-Control-Allow-Origin": header("Access-Control-Allow-Origin"),
    ...(isProbe(route.path) ? {} : { RateLimit: header("RateLimit"), "RateLimit-Policy": header("RateLimit-Policy") }),
    ...(hasEtag(route.method, route.path) ? { ETag: header("ETag") } : {}),
    ...(route.method === "POST" ? { "Idempotency-Replayed": header("Idempotency-Replayed") } : {}),
  };
  if (body === null) return { description: "Done.", headers };
  if (typeof body === "string") {
    const text = { type: "string", maxLength: 10_000_000 };
    const isPicture = body.startsWith("image/");
    const schema =
      body === "application/json" ? { type: "object" } : { ...text, ...(isPicture ? { contentMediaType: body } : {}) };
    return { description: "The body.", headers, content: { [body]: { schema } } };
  }
  const name = nameOf(body);
  const schema = ref(name);
  const content = { "application/json": { schema, example: sampleOf(schema) } };
  return { description: name, headers, content, ...linksOf(operation, name) };
}

function requestBody(schema: v.GenericSchema, id: string): JsonSchema {
  const content = { schema: requestSchema(schema), ...(REQUESTS[id] === undefined ? {} : { example: REQUESTS[id] }) };
  const { required } = content.schema;
  const isNeeded =
    (Array.isArray(required) && required.length > 0) || "anyOf" in content.schema || "oneOf" in content.schema;
  return { required: isNeeded, content: { "application/json": content } };
}
