import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { SECURITY_HEADERS } from "../middleware/security-headers.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};
const INDEX = "/index.html";
/** Paths of the API, which a page never shadows. */
const API = /^\/(v1|docs|dev|live|ready|health|metrics|openapi\.json)(\/|$)/;
/** A name with a hash of its content never changes. */
const IMMUTABLE = /^\/assets\//;

interface File {
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

export interface SiteOptions {
  /** The directory of the built app. */
  readonly directory: string;
  /** Origin of the storage, to which the app uploads and from which it shows pictures. */
  readonly storageOrigin: string;
  /** Changes the page, such as marking it as a demo. */
  readonly edit?: (html: string) => string;
}

/** @returns whether the request was one for the app, and is answered */
export type Site = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Serves the files of the app from memory: no path of a request reaches the file system. A page of the app is any path that
 * is not the API's, asked for with `Accept: text/html`, as browsers do; other clients get the API's answer.
 */
export function createSite({ directory, storageOrigin, edit }: SiteOptions): Site {
  const files = new Map(filesOf(directory, edit));
  const policy = pagePolicy(storageOrigin);
  return (request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const isReading = request.method === "GET" || request.method === "HEAD";
    if (!isReading || API.test(path)) return false;
    const wantsPage = path === INDEX || request.headers.accept?.includes("text/html") === true;
    const file = files.get(path) ?? (wantsPage ? files.get(INDEX) : undefined);
    if (!file) return false;
    const isPage = file === files.get(INDEX);
    const headers = {
      ...SECURITY_HEADERS,
      ...(isPage ? { "permissions-policy": "camera=(self), geolocation=(self), microphone=()" } : {}),
      "content-security-policy": policy,
      "content-type": file.type,
      "cache-control": IMMUTABLE.test(path) ? "public, max-age=31536000, immutable" : "no-cache",
      etag: file.etag,
      vary: "accept, accept-encoding",
    };
    if (request.headers["if-none-match"] === file.etag) {
      response.writeHead(304, headers).end();
      return true;
    }
    const isPacked = /\bgzip\b/.test(request.headers["accept-encoding"] ?? "");
    const body = isPacked ? file.gzip : file.body;
    response
      .writeHead(200, {
        ...headers,
        ...(isPacked ? { "content-encoding": "gzip" } : {}),
        "content-length": String(body.length),
      })
      .end(request.method === "HEAD" ? undefined : body);
    return true;
  };
}

/** What pages of the app may do: no inline script or style, no other host but the storage, Trusted Types. */
export function pagePolicy(storageOrigin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: ${storageOrigin}`,
    `connect-src 'self' ${storageOrigin}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types gotong-worker",
  ].join("; ");
}

function filesOf(directory: string, edit: SiteOptions["edit"]): [string, File][] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, File] => {
      const place = join(entry.parentPath, entry.name);
      const path = place.slice(directory.length).split(sep).join("/");
      const read = readFileSync(place);
      const body = path === INDEX && edit ? Buffer.from(edit(read.toString("utf8"))) : read;
      const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
      return [path, { type: TYPES[extname(path)] ?? "application/octet-stream", body, gzip: gzipSync(body), etag }];
    });
}
