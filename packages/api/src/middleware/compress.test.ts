import { gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { compress } from "./compress.ts";
import { guard } from "./guard.ts";
import { collectHeaders } from "./plain-headers.ts";
import { onError } from "./problem.ts";

const line = (bytes: number) => "Clear the drain before the rain. ".repeat(bytes).slice(0, bytes);
const app = new Hono()
  .use(async (c, next) => {
    collectHeaders(c, "accept-encoding");
    await next();
  })
  .use(guard([compress], onError))
  .get("/json/:bytes", (c) => c.body(line(Number(c.req.param("bytes"))), 200, { "content-type": "application/json" }))
  .get("/photo", (c) => c.body(line(5000), 200, { "content-type": "image/jpeg" }))
  .get("/empty", (c) => c.body(null, 204));

async function ask(path: string, accepted?: string) {
  const answer = await app.request(path, accepted === undefined ? {} : { headers: { "accept-encoding": accepted } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const coding = answer.headers.get("content-encoding");
  return { coding, vary: answer.headers.get("vary"), text: (coding === "gzip" ? gunzipSync(bytes) : bytes).toString() };
}

test.each(["/json/1024", "/json/65536", "/json/65537", "/json/300000"])(
  "the response to %s is compressed only if the client accepts gzip, and decompresses to the same text",
  async (path) => {
    const text = line(Number(path.split("/")[2]));
    expect(await ask(path, "gzip, deflate, br")).toEqual({ coding: "gzip", vary: "accept-encoding", text });
    expect(await ask(path)).toEqual({ coding: null, vary: "accept-encoding", text });
  },
);

test("a response under 1 KB is not compressed, since compressing takes longer than the time it saves", async () => {
  expect(await ask("/json/1023", "gzip")).toMatchObject({ coding: null, text: line(1023) });
});

test.each([
  ["gzip;q=0, *", null],
  ["br", null],
  ["*;q=0", null],
  ["*", "gzip"],
  ["identity, gzip;q=0.1", "gzip"],
])("a request with Accept-Encoding: %s gets Content-Encoding: %s", async (accepted, coding) => {
  expect((await ask("/json/5000", accepted)).coding).toBe(coding);
});

test("binary and empty responses are not compressed", async () => {
  expect(await ask("/photo", "gzip")).toMatchObject({ coding: null });
  expect(await ask("/empty", "gzip")).toEqual({ coding: null, vary: "accept-encoding", text: "" });
});
