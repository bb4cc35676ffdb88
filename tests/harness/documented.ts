import * as v from "valibot";
import { OPERATIONS } from "@gotong/api/openapi/operations.ts";
import { Problem } from "@gotong/api/openapi/problem-schema.ts";

const ROUTES = Object.entries(OPERATIONS)
  .map(([key, { answers }]) => {
    const [method = "", pattern = ""] = key.split(" ");
    return { method, pattern, matches: new RegExp(`^${pattern.replaceAll(/:\w+/g, "[^/]+")}$`), answers };
  })
  // Literal paths are matched before those with parameters.
  .toSorted((a, b) => Number(a.pattern.includes(":")) - Number(b.pattern.includes(":")));

/**
 * Parses a response with the schema from which the OpenAPI document is built. The harness checks every response that a test receives in this way, so
 * that schema and response cannot diverge.
 * @param path with or without a query
 * @throws Error that names the route and each field that its schema does not allow
 */
export async function assertDocumented(method: string, path: string, response: Response): Promise<void> {
  if (method === "HEAD") return; // a HEAD response has the headers of a GET but no body
  const { pathname } = new URL(path, "http://localhost");
  const { status } = response;
  const type = (response.headers.get("content-type") ?? "").split(";")[0];
  if (type === "application/problem+json") {
    assertMatches(`${method} ${pathname} ${status}`, Problem, await response.clone().json());
    return;
  }
  const route = ROUTES.find((one) => one.method === method && one.matches.test(pathname));
  if (!route || status === 304) return; // OPTIONS, and paths without a route, are not documented
  const name = `${route.method} ${route.pattern} ${status}`;
  const answer = route.answers[status];
  if (answer === undefined) throw new Error(`${name} is not documented`);
  if (answer === null) {
    if (type !== "" || (await response.clone().text()) !== "") throw new Error(`${name} has a body`);
  } else if (typeof answer === "string") {
    if (type !== answer) throw new Error(`${name} has a body of ${type}, not of ${answer}`);
  } else assertMatches(name, answer, await response.clone().json());
}

function assertMatches(name: string, schema: v.GenericSchema, body: unknown): void {
  const { issues } = v.safeParse(schema, body);
  if (!issues) return;
  const faults = issues.map((issue) => `${v.getDotPath(issue) ?? "body"}: ${issue.message}`);
  throw new Error(`the response of ${name} does not match its schema: ${faults.join("; ")}`);
}
