import { expect, test } from "vitest";
import * as v from "valibot";
import { json } from "./document.ts";

// These tests check the relevant rules of Spectral's `spectral:oas` and of its OWASP API Security ruleset (2023), by
// name. Spectral itself is not a dependency, since each of its packages installs a package that reports to a third
// party. It was run by hand, see docs/api.md.
const Node = v.record(v.string(), v.unknown());
type Node = v.InferOutput<typeof Node>;
const toNode = (value: unknown): Node => (v.is(Node, value) ? value : {});
const toList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const root = toNode(json);
const components = toNode(root["components"]);
const text = JSON.stringify(json);

/** Operations that need no token, each with its reason: accounts begin here; health checks and pages are public. */
const OPEN = new Set(
  `register login logout refreshTokens requestPasswordReset confirmPasswordReset requestEmailProof confirmEmailChange confirmEmailProof getLive getReady getHealth getMetrics getOpenApi
  getProofKeys getDocs getProblems listOpenTasks getAvatar`.split(/\s+/),
);
/** Health checks, which have no rate limit so that they are never rejected. */
const PROBES = new Set(["getLive", "getReady", "getHealth", "getMetrics"]);

interface Place {
  readonly id: string;
  readonly path: string;
  readonly method: string;
  readonly operation: Node;
  readonly answers: readonly (readonly [status: string, answer: Node])[];
}

const places: Place[] = Object.entries(toNode(root["paths"])).flatMap(([path, methods]) =>
  Object.entries(toNode(methods)).map(([method, value]) => {
    const operation = toNode(value);
    const answers = Object.entries(toNode(operation["responses"])).map(([status, one]): [string, Node] => {
      const { $ref } = toNode(one);
      const name = typeof $ref === "string" ? ($ref.split("/").at(-1) ?? "") : undefined;
      return [status, toNode(name === undefined ? one : toNode(components["responses"])[name])];
    });
    return { id: String(operation["operationId"]), path, method, operation, answers };
  }),
);

/** Every schema of the document with its location, except examples. */
function schemas(value: unknown, at = "", found: [string, Node][] = []): [string, Node][] {
  if (Array.isArray(value)) value.forEach((inner, index) => schemas(inner, `${at}/${index}`, found));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return found;
  const node = toNode(value);
  if ("type" in node && !("in" in node) && !at.endsWith("/properties") && !at.includes("/securitySchemes/"))
    found.push([at, node]);
  for (const [name, inner] of Object.entries(node))
    if (!["example", "examples", "default", "enum", "required"].includes(name) || at.endsWith("/properties"))
      schemas(inner, `${at}/${name}`, found);
  return found;
}
const typed = (type: string) =>
  schemas({
    paths: root["paths"],
    schemas: components["schemas"],
    parameters: components["parameters"],
    headers: components["headers"],
  }).filter(([, schema]) => [schema["type"]].flat().includes(type));
const missing = (of: readonly [string, Node][], isRight: (schema: Node) => boolean) =>
  of.filter(([, schema]) => !isRight(schema)).map(([at]) => at);

test("operation-operationId, -description, -tag-defined: every operation has a description and a described tag", () => {
  const tags = toList(root["tags"]).map((tag) => toNode(tag)["name"]);
  const silent = places.filter(
    ({ operation }) =>
      !operation["operationId"] ||
      !operation["summary"] ||
      !operation["description"] ||
      !toList(operation["tags"]).every((tag) => tags.includes(tag)),
  );
  expect(silent.map(({ id }) => id)).toEqual([]);
});

test("owasp:api2 read- and write-restricted: only public operations need no token", () => {
  const open = places.filter(({ operation }) => toList(operation["security"]).length === 0).map(({ id }) => id);
  expect(open.toSorted()).toEqual([...OPEN].toSorted());
});

test("owasp:api5 admin-security-unique: operations under /admin have their own security scheme", () => {
  const wrong = places.filter(
    ({ path, operation }) => path.startsWith("/v1/admin/") !== JSON.stringify(operation["security"]).includes("admin"),
  );
  expect(wrong.map(({ id }) => id)).toEqual([]);
});

test("owasp:api8 define-error-responses: 401 with a token, 400 with input, 429, 500 and 503 wherever they can occur", () => {
  const lacking = places.flatMap(({ id, method, operation, answers }) => {
    const has = new Set(answers.map(([status]) => status));
    const needed = [
      "500",
      ...(id === "getLive" ? [] : ["503"]),
      ...(OPEN.has(id) ? [] : ["401"]),
      ...(PROBES.has(id) ? [] : ["429"]),
      ...(operation["requestBody"] || method === "post"
        ? ["400", "413", "415", "409", "422"].filter((one) => method === "post" || !["409", "422"].includes(one))
        : []),
    ];
    return needed.filter((status) => !has.has(status)).map((status) => `${id} ${status}`);
  });
  expect(lacking).toEqual([]);
});

test("owasp:api4 rate-limit: 2xx and 4xx responses have rate limit headers, and 429 has Retry-After", () => {
  const lacking = places.flatMap(({ id, answers }) =>
    answers
      .filter(([status]) => /^[24]/.test(status) && !PROBES.has(id))
      .filter(
        ([, answer]) =>
          !("RateLimit" in toNode(answer["headers"])) || !("RateLimit-Policy" in toNode(answer["headers"])),
      )
      .map(([status]) => `${id} ${status}`),
  );
  expect(lacking).toEqual([]);
  const late = places.flatMap(({ id, answers }) =>
    answers
      .filter(([status, answer]) => status === "429" && !("Retry-After" in toNode(answer["headers"])))
      .map(() => id),
  );
  expect(late).toEqual([]);
});

test("owasp:api4 string-, integer- and array-limit: every value is bounded", () => {
  const bounded = (schema: Node) => ["maxLength", "enum", "const"].some((keyword) => keyword in schema);
  expect(missing(typed("string"), bounded)).toEqual([]);
  expect(
    missing(typed("integer"), (schema) => "format" in schema && "minimum" in schema && "maximum" in schema),
  ).toEqual([]);
  expect(missing(typed("array"), (schema) => "maxItems" in schema)).toEqual([]);
});

test("owasp:api3 no-additionalProperties: objects are closed, except for free-form objects, which declare it", () => {
  const objects = typed("object").filter(([, schema]) => "properties" in schema);
  expect(missing(objects, (schema) => schema["additionalProperties"] === false)).toEqual([]);
});

test("owasp:api8 define-cors-origin, api9 inventory, api2 jwt-best-practices: responses, servers and schemes are complete", () => {
  const lacking = places.flatMap(({ id, answers }) =>
    answers
      .filter(([, answer]) => !("Access-Control-Allow-Origin" in toNode(answer["headers"])))
      .map(([status]) => `${id} ${status}`),
  );
  expect(lacking).toEqual([]);
  expect(toList(root["servers"]).every((server) => "x-internal" in toNode(server))).toBe(true);
  for (const scheme of Object.values(toNode(components["securitySchemes"])))
    expect(toNode(scheme)["description"]).toContain("RFC8725");
});

test("oas3-unused-component: every component is used", () => {
  const defined = Object.entries(components).flatMap(([kind, entries]) =>
    kind === "securitySchemes" ? [] : Object.keys(toNode(entries)).map((name) => `#/components/${kind}/${name}`),
  );
  // No operation documents METHOD_NOT_ALLOWED, since it is the response to a method that a path does not support.
  const unused = defined.filter(
    (pointer) => !text.includes(`"${pointer}"`) && pointer !== "#/components/examples/METHOD_NOT_ALLOWED",
  );
  expect(unused).toEqual([]);
});
