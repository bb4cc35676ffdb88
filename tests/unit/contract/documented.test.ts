import { expect, test } from "vitest";
import { assertDocumented } from "../../harness/documented.ts";

const skill = { id: "0198c0de-0000-7000-8000-000000000001", name: "Drainage", category: "Building" };
const answer = (body: unknown, status = 201, type = "application/json") =>
  new Response(body === null ? null : JSON.stringify(body), { status, headers: { "content-type": type } });

test("assertDocumented() accepts a response that its schema describes", async () => {
  await expect(assertDocumented("POST", "/v1/skills", answer(skill))).resolves.toBeUndefined();
  await expect(
    assertDocumented("GET", "/v1/skills?limit=1", answer({ data: [skill], next_cursor: null }, 200)),
  ).resolves.toBeUndefined();
});

test.for<[string, object, string]>([
  ["an unknown field", { ...skill, slug: "drainage" }, "slug"],
  ["a missing field", { id: skill.id, name: skill.name }, "category"],
  ["a field of another type", { ...skill, name: 1 }, "name"],
  ["a longer string than documented", { ...skill, name: "x".repeat(101) }, "name"],
])("assertDocumented() rejects a response with %s and names the field", async ([, body, field]) => {
  await expect(assertDocumented("POST", "/v1/skills", answer(body))).rejects.toThrow(
    new RegExp(`POST /v1/skills 201 does not match its schema: ${field}`),
  );
});

test("assertDocumented() rejects an undocumented status, an undocumented body and an undocumented problem code", async () => {
  await expect(assertDocumented("POST", "/v1/skills", answer(skill, 200))).rejects.toThrow("200 is not documented");
  await expect(assertDocumented("POST", "/v1/auth/password-resets", answer({}, 202))).rejects.toThrow("has a body");
  const problem = { type: "/docs/problems#X", title: "X", status: 404, detail: "X", code: "X", request_id: "1" };
  await expect(assertDocumented("GET", "/v1/me", answer(problem, 404, "application/problem+json"))).rejects.toThrow(
    "does not match its schema: code",
  );
});
