import { createServer } from "node:http";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { oneAtATime } from "./one-at-a-time.ts";

/** Sends the requests on one connection, which the server must close. @returns the numbers of parsed and of handled requests */
async function served(requests: number): Promise<readonly [parsed: number, handled: number]> {
  let [seen, handled] = [0, 0];
  const server = createServer(oneAtATime(() => (handled += 1))); // no request is answered
  server.on("request", () => (seen += 1));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address();
  const client = connect(typeof address === "object" ? (address?.port ?? 0) : 0, "127.0.0.1");
  client.on("error", () => undefined); // ignored, since the server resets the connection
  client.write("GET /live HTTP/1.1\r\nHost: a\r\n\r\n".repeat(requests));
  await new Promise((closed) => client.once("close", closed));
  await new Promise((closed) => server.close(closed));
  return [seen, handled];
}

test("of 2,000 pipelined requests on one connection only ten are parsed and none is handled", async () => {
  expect(await served(2_000)).toEqual([10, 0]);
});
