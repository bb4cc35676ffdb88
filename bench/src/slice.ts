import autocannon from "autocannon";
import type { Program } from "./program.ts";
import type { Request } from "./work.ts";

/** Measurements of one program, ours or the peer's, in one slice of time. */
export interface Slice {
  readonly requestsPerSecond: number;
  /** CPU time of the server for each request, in milliseconds. */
  readonly cpuMs: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  /** Number of responses other than 2xx, and of requests without a response. */
  readonly errors: number;
  readonly residentMegabytes: number;
}

/** One of the two compared programs, and its requests. */
export interface Side {
  readonly program: Program;
  readonly next: () => Request;
}

/**
 * Sends requests to one server for a time.
 * @param connections each sends its next request as soon as it gets a response
 */
export async function slice({ program, next }: Side, seconds: number, connections: number): Promise<Slice> {
  const before = program.cpuSeconds();
  const result = await autocannon({
    url: program.url,
    connections,
    duration: seconds,
    requests: [{ setupRequest: (request) => ({ ...request, ...next() }) }],
  });
  const cpuSeconds = program.cpuSeconds() - before;
  const answered = result.requests.total;
  return {
    requestsPerSecond: answered / result.duration,
    cpuMs: (1000 * cpuSeconds) / Math.max(1, answered),
    ...percentiles(result),
    errors: result.non2xx + result.errors,
    residentMegabytes: program.residentMegabytes(),
  };
}

/** The percentiles of the response times. */
export const percentiles = ({ latency }: autocannon.Result) => ({
  p50Ms: latency.p50,
  p95Ms: latency.p97_5, // autocannon has no 95th percentile; this one is never lower
  p99Ms: latency.p99,
});
