import type { Context, ErrorHandler } from "hono";
import { Actor } from "@gotong/core/platform/actor.ts";
import { causesOf } from "@gotong/core/platform/causes.ts";
import { AppError, CATALOGUE } from "@gotong/core/platform/error.ts";
import { Language } from "@gotong/core/platform/language/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { languageOf } from "./caller.ts";

const TYPE_BASE = "/docs/problems#";
/** Codes of transient errors of PostgreSQL and its client: starting, stopping, overloaded, disconnected, timeout, deadlock. */
const TRANSIENT_DATABASE =
  /^(57P0[1-5]|53\w{3}|08\w{3}|CONNECT_TIMEOUT|CONNECTION_(CLOSED|ENDED|DESTROYED)|25P04|57014|40001|40P01)$/;
/** Codes of transient network errors on the way to the database, the storage or the queues. */
const TRANSIENT_NETWORK = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/;

/** Maps every error to a problem response (RFC 9457). */
export const onError: ErrorHandler = (error, c) => {
  const known = toAppError(error);
  if (known.status >= 500) Log.error("request failed", error, { code: known.code });
  if (known.retryAfterSeconds !== undefined) c.header("retry-after", String(known.retryAfterSeconds));
  if (known.status === 401) c.header("www-authenticate", 'Bearer realm="gotong-royong"');
  return problem(c, known);
};

/** Writes a problem document, in the language that the request prefers, otherwise in the language that its member has chosen. */
export async function problem(c: Context, error: AppError): Promise<Response> {
  const document = documentOf(error, Actor.requestId());
  const text = JSON.stringify((await languageOf(c)) === "id" ? await inIndonesian(document, error) : document);
  return c.body(text, error.status, {
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  });
}

async function inIndonesian(document: object, error: AppError): Promise<object> {
  const { title, detail, errors } = (await Language.problemTexts())(error);
  return {
    ...document,
    title,
    detail: error.status === 500 ? title : detail,
    ...(errors.length > 0 ? { errors } : {}),
  };
}

/** The problem document of an error, in English. */
export function documentOf(error: AppError, requestId: string): object {
  const { status, title } = CATALOGUE[error.code];
  return {
    type: `${TYPE_BASE}${error.code}`,
    title,
    status,
    detail: status === 500 ? title : error.detail,
    code: error.code,
    request_id: requestId,
    ...(error.nextStep === undefined ? {} : { next_step: error.nextStep }),
    ...(error.errors.length > 0 ? { errors: error.errors } : {}),
    ...(error.areErrorsTruncated ? { errors_truncated: true } : {}),
  };
}

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  // If a unit of work cannot begin its transaction, Drizzle wraps that error in the error of the query that needed the
  // transaction.
  if (error instanceof Error && error.cause instanceof AppError) return error.cause;
  if (isTransient(error))
    return new AppError("UNAVAILABLE", {
      detail: "A required dependency is unavailable.",
      retryAfterSeconds: 15,
      cause: error,
    });
  return new AppError("INTERNAL", { cause: error });
}

function isTransient(error: unknown): boolean {
  return causesOf(error).some((cause) => {
    const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
    return TRANSIENT_DATABASE.test(code) || TRANSIENT_NETWORK.test(code);
  });
}
