import { createHash } from "node:crypto";
import {
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
  request as httpRequest,
} from "node:http";
import { Log } from "@gotong/core/platform/log.ts";
import { PartLists, isOfParts } from "./s3-parts.ts";
import { ObjectTags } from "./s3-tags.ts";
import { verifyAuthorization, verifyPresigned } from "./sigv4.ts";

interface Given {
  readonly port: number;
  /** The URL of the emulator. */
  readonly backend: URL;
  readonly secretKey: string;
}
interface Options extends Given {
  readonly tags: ObjectTags;
  readonly parts: PartLists;
}

/** Sub-resources that the emulator does not support: it would overwrite the object instead of its sub-resource. */
const UNSUPPORTED = ["acl", "retention", "legal-hold", "torrent"];
/** Headers of a PUT that the emulator ignores. */
const CHECKED = ["x-amz-checksum-sha256", "if-none-match"];
/** Headers that the proxy forwards in requests about parts, in addition to those that begin with `x-amz-`. */
const SENT_ON = ["content-type", "content-encoding"];
const MAX_BODY_BYTES = 110 * 1024 * 1024;

/**
 * Starts a proxy that adds S3 features that the emulator lacks: tags, lists of parts, and for presigned requests the
 * checks of expiry, signature, length, checksum and `If-None-Match`. It rejects every request to S3 without a valid
 * signature, and forwards requests to queues.
 */
export function startS3Proxy(given: Given): Promise<Server> {
  const options: Options = { ...given, tags: new ObjectTags(), parts: new PartLists() };
  const server = createServer((request, response) => {
    handle(request, response, options).catch((error: unknown) => {
      Log.error("the storage emulator failed", error);
      if (!response.headersSent) refuse(response, 500, "InternalError", "We encountered an internal error.");
    });
  });
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 60_000; // longer than a long poll of SQS
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(options.port, "127.0.0.1", () => resolve(server));
  });
}

async function handle(request: IncomingMessage, response: ServerResponse, options: Options): Promise<void> {
  const url = new URL(request.url ?? "/", `http://${request.headers.host ?? "localhost"}`);
  if (UNSUPPORTED.some((name) => url.searchParams.has(name)))
    return refuse(response, 501, "NotImplemented", "This storage emulator does not implement it.");
  if (request.method === "OPTIONS") return answerPreflight(request, response);
  if (url.searchParams.has("X-Amz-Signature")) return handlePresigned(request, response, url, options);
  if (!isForQueues(request.method, url)) {
    const signed = { method: request.method ?? "GET", url, headers: request.headers };
    const verdict = verifyAuthorization(signed, options.secretKey, new Date());
    if (!verdict.ok) return refuse(response, 403, verdict.code, verdict.message);
    if (isOfParts(url)) return handleParts(request, response, url, options);
    if (url.searchParams.has("tagging")) return options.tags.answer(request, response, url.pathname);
    options.tags.forget(request.method, url.pathname);
    if (request.method === "PUT" && CHECKED.some((name) => request.headers[name] !== undefined))
      return storeChecked(request, response, url, options);
  }
  pipe(request, response, options.backend);
}

/**
 * Returns whether a request is for SQS: a POST to the root, or to the URL of a queue, which begins with an account
 * number.
 */
const isForQueues = (method: string | undefined, url: URL) => method === "POST" && /^\/(\d{12}\/|$)/.test(url.pathname);

async function handlePresigned(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: Options,
): Promise<void> {
  allowOrigin(request, response);
  const verdict = verifyPresigned(
    { method: request.method ?? "GET", url, headers: request.headers },
    options.secretKey,
    new Date(),
  );
  if (!verdict.ok) return refuse(response, 403, verdict.code, verdict.message);
  if (isOfParts(url)) return handleParts(request, response, url, options);
  if (request.method !== "PUT") return pipe(request, response, options.backend, { extra: requestedHeaders(url) });
  await storeChecked(request, response, url, options);
}

/** Answers a request about an upload in parts, with the checks that the emulator lacks. */
async function handleParts(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: Options,
): Promise<void> {
  const { method } = request;
  if (method === "GET") {
    const list = options.parts.list(url);
    if (list === undefined)
      return refuse(response, 404, "NoSuchUpload", "The specified multipart upload does not exist.");
    return void response.writeHead(200, { "content-type": "application/xml" }).end(list);
  }
  const body = await checkedBody(request, response, url, options);
  if (!body) return;
  const headers = Object.entries(request.headers).filter(
    ([name]) => SENT_ON.includes(name) || name.startsWith("x-amz-"),
  );
  const answer = await fetch(new URL(request.url ?? "/", options.backend), {
    method: method ?? "GET",
    headers: headers.map(([name, value]): [string, string] => [name, String(value)]),
    ...(body.length > 0 || method === "PUT" ? { body: new Uint8Array(body) } : {}),
  });
  const text = await answer.text();
  if (answer.ok) options.parts.note({ method, url, checksum: checksumOf(request), body }, text);
  response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(text);
}

/** Stores an object after two checks that the emulator lacks: the checksum of the body, and `If-None-Match`. */
async function storeChecked(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: Options,
): Promise<void> {
  const body = await checkedBody(request, response, url, options);
  if (body) pipe(request, response, options.backend, { body });
}

/** Reads the body of a request and checks its checksum and `If-None-Match`. If a check fails, rejects the request and returns undefined. */
async function checkedBody(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  options: Options,
): Promise<Buffer | undefined> {
  const refused = (...refusal: [status: number, code: string, message: string]) => {
    refuse(response, ...refusal);
    return undefined;
  };
  const body = await readBody(request);
  if (!body) return refused(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.");
  const checksum = checksumOf(request);
  if (checksum !== undefined && checksum !== createHash("sha256").update(body).digest("base64"))
    return refused(400, "BadDigest", "The SHA256 you specified did not match the calculated checksum.");
  if (request.headers["if-none-match"] === "*" && (await exists(url, options.backend)))
    return refused(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold");
  return body;
}

function checksumOf(request: IncomingMessage): string | undefined {
  const checksum = request.headers["x-amz-checksum-sha256"];
  return checksum === undefined ? undefined : String(checksum);
}

async function exists(url: URL, backend: URL): Promise<boolean> {
  return (await fetch(new URL(url.pathname, backend), { method: "HEAD" })).ok;
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > MAX_BODY_BYTES) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Returns the response headers that a presigned GET requests in its query (`response-content-disposition=…`). */
function requestedHeaders(url: URL): Record<string, string> {
  const requested = [...url.searchParams].filter(([name]) => name.startsWith("response-"));
  return Object.fromEntries(requested.map(([name, value]) => [name.slice("response-".length), value]));
}

function pipe(
  request: IncomingMessage,
  response: ServerResponse,
  backend: URL,
  changes: { body?: Buffer; extra?: Record<string, string> } = {},
): void {
  // Sets the host, since the emulator would interpret the first label of another host as a bucket, which the
  // signature does not cover.
  const options = { method: request.method, headers: { ...request.headers, host: backend.host } };
  const forwarded = httpRequest(new URL(request.url ?? "/", backend), options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...changes.extra });
    answer.pipe(response);
  });
  forwarded.on("error", () => {
    if (response.headersSent) response.destroy();
    else refuse(response, 503, "ServiceUnavailable", "The emulator is stopping.");
  });
  response.on("close", () => forwarded.destroy()); // ends the forwarded request too when the client closes a long poll
  if (changes.body) forwarded.end(changes.body);
  else request.pipe(forwarded);
}

function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  allowOrigin(request, response);
  response
    .writeHead(204, {
      "access-control-allow-methods": "GET, PUT, HEAD",
      "access-control-allow-headers": "*",
      "access-control-max-age": "300",
    })
    .end();
}

function allowOrigin(request: IncomingMessage, response: ServerResponse): void {
  const { origin } = request.headers;
  if (origin === undefined) return;
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "etag, x-amz-version-id");
}

function refuse(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`,
  );
}
