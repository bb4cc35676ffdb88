import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { AppError } from "@gotong/core/platform/error.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { documentOf } from "../middleware/problem.ts";
import { SECURITY_HEADERS } from "../middleware/security-headers.ts";

/** Problems for errors of Node's parser and timers. Any other error means that the request is not valid HTTP. */
const PARSER_ERRORS: Readonly<Record<string, () => AppError>> = {
  HPE_HEADER_OVERFLOW: () =>
    new AppError("HEADERS_TOO_LARGE", { detail: "The request line and headers together may have at most 16 KiB." }),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: () =>
    new AppError("PAYLOAD_TOO_LARGE", { detail: "The extensions of a chunk may have at most 16 KiB." }),
  ERR_HTTP_REQUEST_TIMEOUT: () => new AppError("REQUEST_TIMEOUT"),
};

/** The problem that corresponds to an error of Node's HTTP server. */
export function problemOf(error: unknown): AppError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return PARSER_ERRORS[code]?.() ?? malformed("The request is not valid HTTP/1.1.");
}

export const malformed = (detail: string) => new AppError("MALFORMED_REQUEST", { detail });

interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The error response to a request that never reaches the app. It is logged and counted like the app's responses. */
function refusalOf(error: AppError): Refusal {
  const requestId = Id.unordered();
  const { status } = error;
  Metrics.count("http_requests_total", { method: "other", route: "unmatched", status: String(status) });
  Log.info("request refused", { status, code: error.code, request_id: requestId });
  const body = JSON.stringify(documentOf(error, requestId));
  return {
    status,
    headers: {
      ...SECURITY_HEADERS,
      "content-type": "application/problem+json",
      "content-length": String(Buffer.byteLength(body)),
      "x-request-id": requestId,
      ...(error.retryAfterSeconds === undefined ? {} : { "retry-after": String(error.retryAfterSeconds) }),
      connection: "close",
    },
    body,
  };
}

/** Rejects a request whose headers were parsed. */
export function refuse(request: IncomingMessage, response: ServerResponse, error: AppError): void {
  const { status, headers, body } = refusalOf(error);
  response.writeHead(status, headers).end(request.method === "HEAD" ? undefined : body);
}

/** Sends an error response on a connection without a parsed request, and closes the connection. */
export function refuseSocket(socket: Socket, error: AppError): void {
  const { status, headers, body } = refusalOf(error);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const date = `date: ${new Date().toUTCString()}`;
  // The reason phrase is optional (RFC 9112 §4), but the space before it is required.
  socket.write([`HTTP/1.1 ${status} `, date, ...lines, "", body].join("\r\n"));
  socket.destroySoon();
}

/** The error response as a `Response`. */
export function refusalResponse(error: AppError): Response {
  const { status, headers, body } = refusalOf(error);
  return new Response(body, { status, headers });
}
