import { CATALOGUE, type Code } from "@gotong/core/platform/error.ts";
import { needsVerifiedEmail } from "../middleware/verified-email.ts";
import { isProbe } from "../route-kinds.ts";
import type { Operation } from "./operation.ts";
import type { Route } from "./routes.ts";
import type { JsonSchema } from "./json-schema.ts";

/** Problems that the server itself reports, before a request reaches a route. */
const SERVER_PROBLEMS: readonly Code[] = [
  "MALFORMED_REQUEST",
  "REQUEST_TIMEOUT",
  "EXPECTATION_FAILED",
  "HEADERS_TOO_LARGE",
];

/** All problems of a route: the problems that it documents, and those that can occur on every route of its kind. */
export function codesOf(route: Route, operation: Operation): Code[] {
  const takesBody = route.method !== "GET";
  const codes: Code[] = [...(operation.problems ?? []), "NOT_ACCEPTABLE", "VALIDATION_FAILED", ...SERVER_PROBLEMS];
  if (!operation.isOpen) codes.push("UNAUTHENTICATED");
  if (operation.role) codes.push("FORBIDDEN", "MFA_REQUIRED");
  if (!operation.isOpen && needsVerifiedEmail(route.method, route.path)) codes.push("EMAIL_NOT_VERIFIED");
  if (takesBody) codes.push("MALFORMED_JSON", "PAYLOAD_TOO_LARGE", "UNSUPPORTED_MEDIA_TYPE");
  if (route.method === "POST") codes.push("IDEMPOTENCY_KEY_IN_USE", "IDEMPOTENCY_KEY_REUSED");
  if (!isProbe(route.path)) codes.push("RATE_LIMITED");
  if (route.path !== "/live") codes.push("UNAVAILABLE");
  return [...new Set<Code>([...codes, "INTERNAL"])];
}

/** A problem document as an example. */
export function exampleOf(code: Code): JsonSchema {
  const { status, title } = CATALOGUE[code];
  const errors = [{ field: "title", code: "too_short", message: "must not be empty" }];
  return {
    summary: title,
    value: {
      type: `/docs/problems#${code}`,
      title,
      status,
      detail: code === "VALIDATION_FAILED" ? "title: must not be empty" : title,
      code,
      request_id: "0198c0de-0000-7000-8000-00000000000a",
      ...(code === "VALIDATION_FAILED" ? { errors } : {}),
    },
  };
}

/** The responses for these codes, by status. */
export function problemAnswers(codes: readonly Code[]): Record<string, JsonSchema> {
  const byStatus = Map.groupBy(codes, (code) => CATALOGUE[code].status);
  return Object.fromEntries([...byStatus].map(([status, own]) => [String(status), answer(status, own.toSorted())]));
}

/** Moves problem responses to the shared components, since many routes have the same problem responses. */
export function share(
  paths: Readonly<Record<string, Readonly<Record<string, JsonSchema>>>>,
): Readonly<Record<string, JsonSchema>> {
  const shared: Record<string, JsonSchema> = {};
  for (const operation of Object.values(paths).flatMap((methods) => Object.values(methods))) {
    const responses = operation["responses"];
    if (typeof responses !== "object" || responses === null) continue;
    for (const [status, response] of Object.entries(responses)) {
      const types = Object.keys(response.content ?? {});
      if (types.length !== 1 || types[0] !== "application/problem+json") continue;
      const name = Object.keys(response.content["application/problem+json"].examples).join("-or-");
      shared[name] = response;
      Reflect.set(responses, status, { $ref: `#/components/responses/${name}` });
    }
  }
  return shared;
}

function answer(status: number, codes: readonly Code[]): JsonSchema {
  const headers: Record<string, JsonSchema> = Object.fromEntries(
    ["X-Request-Id", "Access-Control-Allow-Origin", ...(status < 500 ? ["RateLimit", "RateLimit-Policy"] : [])].map(
      (name) => [name, { $ref: `#/components/headers/${name}` }],
    ),
  );
  if (status === 429 || status === 503 || codes.includes("IDEMPOTENCY_KEY_IN_USE"))
    headers["Retry-After"] = { $ref: "#/components/headers/Retry-After" };
  return {
    description: codes.map((code) => `\`${code}\`: ${CATALOGUE[code].title}.`).join("\n"),
    headers,
    content: {
      "application/problem+json": {
        schema: { allOf: [{ $ref: "#/components/schemas/Problem" }, { properties: { code: { enum: [...codes] } } }] },
        examples: Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
      },
    },
  };
}
