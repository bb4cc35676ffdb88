import type { Context, ErrorHandler } from "hono";
import { HTTPException } from "hono/http-exception";
import { Actor } from "@gotong/core/actor.ts";
import { AppError, CATALOGUE } from "@gotong/core/error.ts";
import { Log } from "@gotong/core/log.ts";

const TYPE_BASE = "/docs/problems#";
/** Codes of PostgreSQL and of its client that say "not now": starting, stopping, too many, gone, timed out. */
const DATABASE_AWAY =
  /^(57P0[123]|53300|08\w{3}|CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED)|ECONNREFUSED|ECONNRESET|25P04|57014)$/;

/** The one place where an error becomes an answer (RFC 9457). */
export const onError: ErrorHandler = (error, c) => {
  const known = toAppError(error);
  if (known.status >= 500) Log.error("request failed", error, { code: known.code });
  if (known.retryAfterSeconds !== undefined) c.header("retry-after", String(known.retryAfterSeconds));
  if (known.status === 401) c.header("www-authenticate", 'Bearer realm="gotong-royong"');
  return problem(c, known);
};

/** Writes a problem document. */
export function problem(c: Context, error: AppError): Response {
  const { status, title } = CATALOGUE[error.code];
  const document = {
    type: `${TYPE_BASE}${error.code}`,
    title,
    status,
    detail: status === 500 ? title : error.detail,
    code: error.code,
    request_id: Actor.requestId(),
    ...(error.errors.length > 0 ? { errors: error.errors } : {}),
  };
  return c.body(JSON.stringify(document), status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  });
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof HTTPException && error.status === 400) return new AppError("MALFORMED_JSON", { cause: error });
  if (isDatabaseAway(error))
    return new AppError("UNAVAILABLE", {
      detail: "The database is not available now.",
      retryAfterSeconds: 15,
      cause: error,
    });
  return new AppError("INTERNAL", { cause: error });
}

function isDatabaseAway(error: unknown): boolean {
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && DATABASE_AWAY.test(cause.code)) return true;
  }
  return false;
}
