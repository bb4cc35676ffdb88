import { gunzipSync } from "node:zlib";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { compress } from "./compress.ts";

const line = (bytes: number) => "Clear the drain before the rain. ".repeat(bytes).slice(0, bytes);
const inPieces = (text: string) =>
  new ReadableStream({
    start: (controller) => {
      for (let at = 0; at < text.length; at += 10_000)
        controller.enqueue(new TextEncoder().encode(text.slice(at, at + 10_000)));
      controller.close();
    },
  });
const app = new Hono()
  .use(compress)
  .get("/text/:bytes", (c) => c.text(line(Number(c.req.param("bytes")))))
  .get("/stream/:bytes", (c) =>
    c.body(inPieces(line(Number(c.req.param("bytes")))), 200, { "content-type": "application/json" }),
  )
  .get("/photo", (c) => c.body(line(5000), 200, { "content-type": "image/jpeg" }))
  .get("/empty", (c) => c.body(null, 204));

async function ask(path: string, accepted?: string) {
  const answer = await app.request(path, accepted === undefined ? {} : { headers: { "accept-encoding": accepted } });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const coding = answer.headers.get("content-encoding");
  return { coding, vary: answer.headers.get("vary"), text: (coding === "gzip" ? gunzipSync(bytes) : bytes).toString() };
}

test.each([
  "/text/15",
  "/text/1024",
  "/text/65536",
  "/text/65537",
  "/text/300000",
  "/stream/2000",
  "/stream/70000",
  "/stream/300000",
])("%s is compressed if the client accepts gzip, with the same content", async (path) => {
  const text = line(Number(path.split("/")[2]));
  expect(await ask(path, "gzip, deflate, br")).toEqual({ coding: "gzip", vary: "accept-encoding", text });
  expect(await ask(path)).toEqual({ coding: null, vary: "accept-encoding", text });
});

test.each([
  ["gzip;q=0, *", null],
  ["br", null],
  ["*;q=0", null],
  ["*", "gzip"],
  ["identity, gzip;q=0.1", "gzip"],
])("Accept-Encoding: %s gets %s", async (accepted, coding) => {
  expect((await ask("/text/5000", accepted)).coding).toBe(coding);
});

test("binary and empty responses are not compressed", async () => {
  expect(await ask("/photo", "gzip")).toMatchObject({ coding: null, vary: null });
  expect(await ask("/empty", "gzip")).toEqual({ coding: null, vary: null, text: "" });
});
