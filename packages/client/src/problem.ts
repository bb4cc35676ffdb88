import type { Problem } from "./schemas.ts";

/** Thrown when the API rejects a request. `code` is from a closed list: see the API's /docs/problems. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: Problem["code"] | "UNKNOWN";
  readonly errors: NonNullable<Problem["errors"]>;
  /** The id of the request, for the operator of the API. */
  readonly requestId: string;
  /** Seconds until the same request may succeed; undefined if waiting does not help. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, problem: Partial<Problem>, retryAfterSeconds: number | undefined) {
    super(problem.detail ?? problem.title ?? `The API answered ${status}.`);
    this.name = "ProblemError";
    this.status = status;
    this.code = problem.code ?? "UNKNOWN";
    this.errors = problem.errors ?? [];
    this.requestId = problem.request_id ?? "";
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The problem of a response; UNKNOWN for the error page of a proxy. */
export async function problemOf(answer: Response): Promise<ProblemError> {
  const seconds = Number(answer.headers.get("retry-after") ?? Number.NaN);
  const isProblem = answer.headers.get("content-type")?.startsWith("application/problem+json") === true;
  const document: unknown = isProblem ? await answer.json().catch(() => undefined) : undefined;
  const problem = isDocument(document) ? document : {};
  return new ProblemError(answer.status, problem, Number.isFinite(seconds) ? seconds : undefined);
}

/** Whether a value is an object. All its members are optional, and checked when they are read. */
const isDocument = (value: unknown): value is Partial<Problem> => typeof value === "object" && value !== null;

/** Whether an error is a problem with one of these codes. */
export const hasCode = (error: unknown, ...codes: readonly ProblemError["code"][]): boolean =>
  error instanceof ProblemError && codes.includes(error.code);
