import { expect } from "vitest";
import type { Answer } from "./platform.ts";

/** The status, code and fields of a problem document. Checks the form of the document. */
export function problem(answer: Answer): string {
  expect(answer.headers.get("content-type"), JSON.stringify(answer.json)).toBe("application/problem+json");
  expect(answer.json["status"]).toBe(answer.status);
  expect(answer.json["request_id"]).toBe(answer.headers.get("x-request-id"));
  const fields = Array.isArray(answer.json["errors"])
    ? answer.json["errors"].map((error) => `${error.field}:${error.code}`)
    : [];
  return [answer.status, answer.json["code"], ...fields].join(" ");
}
