import { Hono } from "hono";
import * as v from "valibot";
import { Document } from "../reference/document.ts";
import { PAGE_POLICY } from "../reference/html.ts";
import { problemsPage } from "../reference/problems.ts";
import { referencePage } from "../reference/reference.ts";

/** `npm run openapi` generated the committed document: it is the same for every process and request. */
const CACHE = "public, max-age=300";

let document: Promise<unknown> | undefined;
let reference: string | undefined;

const load = () => (document ??= import("../../openapi.json", { with: { type: "json" } }).then((file) => file.default));
const HTML = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": PAGE_POLICY,
  "cache-control": CACHE,
};

export const openapi = new Hono().get("/", async (c) =>
  c.body(JSON.stringify(await load()), 200, { "content-type": "application/json", "cache-control": CACHE }),
);

export const docs = new Hono()
  .get("/", async (c) => {
    reference ??= referencePage(v.parse(Document, await load()));
    return c.body(reference, 200, HTML);
  })
  .get("/problems", (c) => c.body(problemsPage(), 200, HTML));
