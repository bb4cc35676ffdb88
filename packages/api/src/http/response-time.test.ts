import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { limitTime } from "./response-time.ts";

/** A body that is larger than the operating system's buffers. */
const LARGE = Buffer.alloc(16 * 1024 * 1024);

/** Starts a server whose responses have this body, and sends it a request. @returns whether the response was read or the connection closed */
async function outcome(body: Buffer | string, read: "slowly" | "at once"): Promise<string> {
  const server = createServer((_request, response) => {
    limitTime(response, 3); // 3 s: a busy host once took more than 1 s for 32 MiB
    response.once("close", () => server.emit("over", response.writableFinished ? "read" : "closed"));
    response.end(body);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const over = new Promise<string>((resolve) => server.once("over", resolve));
  const address = server.address();
  const client = connect({
    port: typeof address === "object" ? (address?.port ?? 0) : 0,
    host: "127.0.0.1",
    ...(read === "slowly" ? { onread: { buffer: Buffer.alloc(16), callback: () => false } } : {}),
  });
  client.on("error", () => undefined);
  client.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  client.resume();
  const reading = setInterval(() => client.resume(), 100);
  const seen = await over;
  clearInterval(reading);
  client.destroy();
  await new Promise((closed) => server.close(closed));
  return seen;
}

test("the server closes the connection of a client that reads its response too slowly, and no other connection", async () => {
  expect(await outcome(LARGE, "slowly")).toBe("closed");
  expect(await outcome("small", "slowly")).toBe("read");
  expect(await outcome(LARGE, "at once")).toBe("read");
});
