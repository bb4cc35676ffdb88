import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { markTraced } from "../../infra/traces.ts";

/** Returns the trace header after the edge has processed a request to which the caller had added a trace header. */
function markAt(share: number, random: number): unknown {
  const headers: Record<string, unknown> = { "x-amzn-trace-id": { value: "Root=1-mine;Sampled=1" } };
  runInNewContext(markTraced(share), { event: { request: { headers } }, Math: { ...mathOf(random) }, Date });
  return headers["x-amzn-trace-id"];
}
const mathOf = (random: number) => ({ random: () => random, floor: Math.floor });

test("the edge marks the configured share of requests for tracing, and ignores the caller's trace header", () => {
  expect(markAt(0, 0)).toBeUndefined();
  expect(markAt(0.05, 0.06)).toBeUndefined();
  expect(markAt(0.05, 0.04)).toEqual({ value: expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Sampled=1$/) });
  expect(markAt(1, 0.999)).toEqual({ value: expect.stringMatching(/;Sampled=1$/) });
});
