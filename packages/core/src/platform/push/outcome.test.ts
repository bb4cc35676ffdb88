import { expect, test } from "vitest";
import { outcomeOf, retryDelaySeconds } from "./outcome.ts";

test("the status of a push service's response determines whether the push is sent, gone, retried later or refused", () => {
  const of = (answers: (number | string)[]) => answers.map((answer) => outcomeOf(answer, null).result);
  expect(of([200, 201, 204, 299])).toEqual(["sent", "sent", "sent", "sent"]);
  expect(of([404, 410])).toEqual(["gone", "gone"]);
  expect(of([429, 500, 503])).toEqual(["later", "later", "later"]);
  expect(of([199, 300, 400, 401, 403, 413, 428, 430, 499])).toEqual(Array.from({ length: 9 }, () => "refused"));
});

test("without a response a push is retried only if the service cannot have received it", () => {
  const of = (codes: string[]) => codes.map((code) => outcomeOf(code, null).result);
  expect(of(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"])).toEqual(
    Array.from({ length: 5 }, () => "later"),
  );
  expect(of(["timeout", "ECONNRESET", ""])).toEqual(["unknown", "unknown", "unknown"]);
});

test("the retry delay of a push doubles up to 15 minutes, and is never shorter than the service's Retry-After", () => {
  const later = { result: "later" } as const;
  expect([1, 2, 3, 4, 5, 6, 7].map((attempts) => retryDelaySeconds(attempts, later))).toEqual([
    30,
    60,
    120,
    240,
    480,
    undefined,
    undefined,
  ]);
  expect(retryDelaySeconds(1, outcomeOf(429, "300"))).toBe(300);
  expect(retryDelaySeconds(5, outcomeOf(429, "300"))).toBe(480);
  expect(retryDelaySeconds(1, outcomeOf(503, "86400"))).toBe(900);
  expect(retryDelaySeconds(1, outcomeOf(503, "Fri, 01 May 2026 09:00:00 GMT"))).toBe(30);
  for (const result of ["sent", "gone", "unknown", "refused"] as const)
    expect(retryDelaySeconds(1, { result })).toBeUndefined();
});
