import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join, sep } from "node:path";
import { gzipSync } from "node:zlib";
import { SECURITY_HEADERS } from "../middleware/security-headers.ts";
import { API_PATHS, PAGE, PAGE_PERMISSIONS, cacheControlOf, contentTypeOf, pagePolicy } from "./app-hosting.ts";

const API = new RegExp(API_PATHS);

interface File {
  readonly type: string;
  readonly body: Buffer;
  readonly gzip: Buffer;
  readonly etag: string;
}

export interface SiteOptions {
  /** The directory of the built web app. */
  readonly directory: string;
  /** Origin of the storage, to which the app uploads and from which it shows pictures. */
  readonly storageOrigin: string;
  /** Changes the HTML of the page, for example to mark it as a demo. */
  readonly edit?: (html: string) => string;
}

/** Answers a request if it is for the app's pages or files. @returns whether the request was answered */
export type Site = (request: IncomingMessage, response: ServerResponse) => boolean;

/**
 * Serves the files of the app from memory, so that no path of a request reaches the file system. Any path outside the API is a page of the app if the
 * request accepts `text/html`, as browsers do; other clients get the API's response.
 */
export function createSite({ directory, storageOrigin, edit }: SiteOptions): Site {
  const files = new Map(filesOf(directory, edit));
  const policy = pagePolicy(storageOrigin);
  return (request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const isReading = request.method === "GET" || request.method === "HEAD";
    if (!isReading || API.test(path)) return false;
    const wantsPage = path === PAGE || request.headers.accept?.includes("text/html") === true;
    const file = files.get(path) ?? (wantsPage ? files.get(PAGE) : undefined);
    if (!file) return false;
    const isPage = file === files.get(PAGE);
    const headers = {
      ...SECURITY_HEADERS,
      ...(isPage ? { "permissions-policy": PAGE_PERMISSIONS } : {}),
      "content-security-policy": policy,
      "content-type": file.type,
      "cache-control": cacheControlOf(path),
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

function filesOf(directory: string, edit: SiteOptions["edit"]): [string, File][] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry): [string, File] => {
      const place = join(entry.parentPath, entry.name);
      const path = place.slice(directory.length).split(sep).join("/");
      const read = readFileSync(place);
      const body = path === PAGE && edit ? Buffer.from(edit(read.toString("utf8"))) : read;
      const etag = `"${createHash("sha256").update(body).digest("base64url")}"`;
      return [path, { type: contentTypeOf(path), body, gzip: gzipSync(body), etag }];
    });
}
