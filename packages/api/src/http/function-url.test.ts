import { Hono } from "hono";
import { handle } from "hono/aws-lambda";
import { expect, test } from "vitest";
import { collectHeaders } from "../middleware/plain-headers.ts";
import { functionUrl } from "./function-url.ts";

// Hono's adapter is the reference: its results are compared with ours.

const app = new Hono()
  .use(async (c, next) => {
    collectHeaders(c, "origin");
    await next();
  })
  .all("/echo/*", async (c) => {
    const { method, url } = c.req;
    return c.json({ method, url, headers: c.req.header(), body: await c.req.text() }, 201);
  })
  .get("/empty", (c) => c.body(null, 204))
  .get("/failed", (c) => c.json({ code: "NO" }, 503))
  .get("/text", (c) => c.body("“teks”", 200, { "content-type": "text/plain; charset=utf-8" }))
  .get("/picture", (c) => c.body(new Uint8Array([0, 255, 1]), 200, { "content-type": "image/webp" }))
  .get("/packed", (c) => c.body(new Uint8Array([31, 139]), 200, { "content-encoding": "gzip" }))
  .get("/stream", () => new Response(new Blob(["{}"]).stream(), { headers: { "content-type": "application/json" } }))
  .get("/cookies", async (c, next) => {
    c.res = c.json({});
    for (const name of ["a", "b"]) c.res.headers.append("set-cookie", `${name}=1; HttpOnly`);
    await next();
  });

function eventOf(rawPath: string, own: object = {}, method = "GET") {
  return {
    version: "2.0",
    rawPath,
    rawQueryString: "",
    headers: { Accept: "application/json", "x-given": "é", "x-empty": "" },
    requestContext: { domainName: "abc.lambda-url.us-east-1.on.aws", http: { method, sourceIp: "203.0.113.7" } },
    isBase64Encoded: false,
    ...own,
  };
}

test.each([
  ["a path with dots and a query", eventOf("/echo/./x/../é y", { rawQueryString: "a=1&b=%20%C3%A9" })],
  ["cookies", eventOf("/echo/", { cookies: ["a=1", "b=2"] })],
  ["a text as its body", eventOf("/echo/", { body: '{"a":"é"}' }, "POST")],
  ["a body in Base64", eventOf("/echo/", { body: "eyJhIjoxfQ==", isBase64Encoded: true }, "POST")],
  ["no body", eventOf("/echo/", {}, "POST")],
  ["null as its body", eventOf("/echo/", { body: null })],
  ["an empty response", eventOf("/empty")],
  ["a failure", eventOf("/failed")],
  ["a text as its response", eventOf("/text")],
  ["a picture as its response", eventOf("/picture")],
  ["a compressed response", eventOf("/packed")],
  ["a stream as its response", eventOf("/stream")],
  ["two new cookies", eventOf("/cookies")],
  ["the method HEAD", eventOf("/failed", {}, "HEAD")],
  ["an unknown path", eventOf("/nothing")],
])("an event with %s gets the same result as from Hono's adapter", async (_what, event) => {
  const expected: unknown = await Reflect.apply(handle(app), undefined, [event]);
  expect(await functionUrl(app.fetch)(event)).toEqual(expected);
});
