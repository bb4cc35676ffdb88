import { gzipSync } from "node:zlib";
import { type Context, Hono } from "hono";
import * as v from "valibot";
import { acceptsGzip } from "../middleware/compress.ts";
import { Document } from "../reference/document.ts";
import { PAGE_POLICY } from "../reference/html.ts";
import { problemsPage } from "../reference/problems.ts";
import { referencePage } from "../reference/reference.ts";

/** Cache lifetime of the generated document, which is the same for every process and request. */
const CACHE = "public, max-age=300";

/**
 * A response that is created once, and compressed once, for the first client that accepts gzip. Doing both for each
 * request took 4 ms of CPU time, and anonymous callers may send such requests.
 */
class Kept {
  readonly #plain: Uint8Array<ArrayBuffer>;
  #gzip: Uint8Array<ArrayBuffer> | undefined;

  constructor(text: string) {
    this.#plain = new TextEncoder().encode(text);
  }

  answer(c: Context, headers: Record<string, string>): Response {
    if (!acceptsGzip(c)) return c.body(this.#plain, 200, headers);
    this.#gzip ??= new Uint8Array(gzipSync(this.#plain));
    return c.body(this.#gzip, 200, { ...headers, "content-encoding": "gzip", vary: "accept-encoding" });
  }
}

let document: Promise<unknown> | undefined;
let [specification, reference, problems]: (Kept | undefined)[] = [];

const load = () => (document ??= import("../../openapi.json", { with: { type: "json" } }).then((file) => file.default));
const JSON_HEADERS = { "content-type": "application/json", "cache-control": CACHE };
const HTML = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": PAGE_POLICY,
  "cache-control": CACHE,
};

export const openapi = new Hono().get("/", async (c) => {
  specification ??= new Kept(JSON.stringify(await load()));
  return specification.answer(c, JSON_HEADERS);
});

export const docs = new Hono()
  .get("/", async (c) => {
    reference ??= new Kept(referencePage(v.parse(Document, await load())));
    return reference.answer(c, HTML);
  })
  .get("/problems", (c) => {
    problems ??= new Kept(problemsPage());
    return problems.answer(c, HTML);
  });
