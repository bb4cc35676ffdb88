import { randomUUID } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { operations } from "../../unit/contract/document.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
let admin: Person;
beforeAll(async () => {
  admin = await platform.person(["admin", "verifier"]);
});

const pathOf = (path: string) => path.replace("{name}", "0".repeat(64)).replaceAll(/{\w+}/g, () => randomUUID());

/** Sends a request. @returns the status, the code, and the fields with their codes, in one line */
async function ask(method: string, path: string, body?: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await platform.raw(method, path, {
    token: admin.token,
    ...(body === undefined ? {} : { body }),
    headers: { accept: "*/*", ...headers },
  });
  const text = await answer.text();
  if (answer.status !== 400) return String(answer.status);
  const { code, errors = [] }: { code: string; errors?: { field: string; code: string }[] } = JSON.parse(text);
  return [400, code, ...errors.map((error) => `${error.field}:${error.code}`)].join(" ");
}

test.for(operations)(
  "the operation $id rejects an undeclared query parameter and a repeated parameter",
  async (operation) => {
    const path = pathOf(operation.path);
    const body = operation.body ? JSON.stringify(operation.example) : undefined;
    expect(await ask(operation.method, `${path}?surprise=1`, body)).toBe(
      "400 VALIDATION_FAILED surprise:unknown_field",
    );
    expect(await ask(operation.method, `${path}?surprise=1&surprise=2`, body)).toMatch(
      /^400 VALIDATION_FAILED surprise:/,
    );
    for (const { name } of operation.parameters.filter((parameter) => parameter.in === "query"))
      expect(await ask(operation.method, `${path}?${name}=1&${name}=1`)).toBe(
        `400 VALIDATION_FAILED ${name}:duplicate`,
      );
    if (operation.method === "GET") {
      const head = await platform.raw("HEAD", `${path}?surprise=1`, { token: admin.token, headers: { accept: "*/*" } });
      expect(head.status).toBe(400);
    }
  },
);

test.for(operations.filter(({ body, method }) => !body && method !== "GET" && method !== "DELETE"))(
  "the operation $id accepts no body or an empty object, and rejects any other body",
  async ({ method, path }) => {
    const own = pathOf(path);
    expect(await ask(method, own, '{"surprise":1}')).toBe("400 VALIDATION_FAILED surprise:unknown_field");
    for (const body of ["null", "1", '"text"', "true"])
      expect(await ask(method, own, body), body).toBe("400 VALIDATION_FAILED body:type");
    expect(await ask(method, own, "[]")).toBe("400 VALIDATION_FAILED body:type");
    expect(await ask(method, own, '{"a"')).toBe("400 MALFORMED_JSON");
    for (const body of [undefined, "", "{}"]) expect(await ask(method, own, body), body).not.toMatch(/^400/);
  },
);

test.for(operations.filter(({ body, method }) => !body && method === "DELETE"))(
  "the DELETE operation $id rejects a body",
  async ({ method, path }) => {
    expect(await ask(method, pathOf(path), '{"surprise":1}')).toBe("400 VALIDATION_FAILED surprise:unknown_field");
  },
);

test.for(operations.filter(({ method }) => method === "GET"))(
  "the GET operation $id rejects a body",
  async ({ method, path }) => {
    const refused = "400 VALIDATION_FAILED body:unknown_field";
    for (const headers of [{ "content-length": "2" }, { "transfer-encoding": "chunked" }])
      expect(await ask(method, pathOf(path), undefined, headers)).toBe(refused);
    expect(await ask(method, pathOf(path), undefined, { "content-length": "0" })).not.toMatch(/^400/);
  },
);

test("health checks and scrapes are accepted with no query, an empty query or any headers", async () => {
  for (const path of ["/live", "/ready", "/health", "/metrics", "/health?deep=true", "/health?deep=false", "/live?"])
    expect((await platform.raw("GET", path, { headers: { "user-agent": "kube-probe/1.33" } })).status, path).toBe(200);
  expect(await ask("GET", "/health?deep=yes")).toBe("400 VALIDATION_FAILED deep:not_allowed");
  expect(await ask("GET", "/health?deep=")).toBe("400 VALIDATION_FAILED deep:not_allowed");
});

test("at most 20 field errors are listed, and errors_truncated reports that there are more", async () => {
  const query = Array.from({ length: 500 }, (_, at) => `p${at}=1`).join("&");
  const answer = await platform.request("GET", `/v1/me?${query}`, { token: admin.token });
  expect(answer.json["errors"]?.["length"]).toBe(20);
  expect(answer.json["errors_truncated"]).toBe(true);
  const few = await platform.request("GET", "/v1/me?a=1&b=2", { token: admin.token });
  expect([few.json["errors"]?.["length"], few.json["errors_truncated"]]).toEqual([2, undefined]);
});
