import { createServer } from "node:http";
import { once } from "node:events";
import { expect, test } from "vitest";
import * as v from "valibot";
import { serve } from "@hono/node-server";
import { handle } from "hono/aws-lambda";
import { createApp } from "@gotong/api/app.ts";
import { smokeOf } from "@gotong/ops/release/probe.ts";
import { requestEvent } from "@gotong/ops/release/request-event.ts";
import type { Traffic } from "@gotong/ops/release/world.ts";
import { smoke } from "@gotong/ops/smoke.ts";
import { usePlatform } from "../../harness/platform.ts";

usePlatform({ workers: false });
const urlOf = (server: { address(): unknown }) =>
  `http://127.0.0.1:${String(Reflect.get(Object(server.address()), "port"))}`;
const Reply = v.object({ statusCode: v.number(), body: v.string() });

test("the running API passes the smoke test of a release, over HTTP and as Lambda invocations", async () => {
  const server = serve({ fetch: createApp().fetch, port: 0, hostname: "127.0.0.1" });
  await once(server, "listening");
  const outcome = await smoke({ url: urlOf(server) });
  server.close();
  expect(outcome.text).not.toContain("WRONG");
  expect(outcome.isAlarming).toBe(false);
  const handler = handle(createApp());
  const ask: Traffic["ask"] = async (_, __, path, client) => {
    const event: Parameters<typeof handler>[0] = JSON.parse(JSON.stringify(requestEvent(path, client)));
    const { statusCode, body } = v.parse(Reply, await handler(event));
    return { status: statusCode, body };
  };
  const traffic: Pick<Traffic, "ask"> = { ask };
  expect(await smokeOf(traffic, "api", "live", undefined)).toEqual([]);
  expect(await smokeOf(traffic, "api", "live", "9.9.9")).toEqual([
    "GET /health?deep=true does not name the version 9.9.9",
  ]);
});

test("a server with an unexpected response, or with none, fails the smoke test with exit code 1", async () => {
  const server = createServer((_, response) => response.writeHead(503).end());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = urlOf(server);
  const wrong = await smoke({ url });
  expect(wrong).toMatchObject({ isAlarming: true });
  expect(wrong.text).toContain("WRONG  GET /live: 503, not 200");
  server.close();
  await once(server, "close");
  expect((await smoke({ url })).text).toContain("no answer");
  await expect(smoke({})).rejects.toThrow("gotong smoke --url");
});
