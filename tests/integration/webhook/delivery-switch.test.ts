import { once } from "node:events";
import { createServer } from "node:http";
import { afterEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { DeliverySwitch } from "@gotong/core/webhook/index.ts";

afterEach(() => {
  Config.use({});
  DeliverySwitch.use(undefined);
});

test("on Lambda the delivery switch disables and enables the trigger of the queue deliveries by its id", async () => {
  const seen: unknown[] = [];
  const server = createServer((request, response) => {
    request.on("data", (chunk: Buffer) => seen.push([request.method, request.url, chunk.toString()]));
    request.on("end", () => response.writeHead(202, { "content-type": "application/json" }).end("{}"));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const restore = Log.to(() => undefined);
  const variables = {
    AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`,
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: "secret",
  };
  Object.assign(process.env, variables);
  try {
    Config.use({ DELIVERIES_TRIGGER_ID: "11111111-2222-3333-4444-555555555555" });
    await DeliverySwitch.get().pause(60_000);
    await DeliverySwitch.get().resume();
  } finally {
    for (const name of Object.keys(variables)) Reflect.deleteProperty(process.env, name);
    restore();
    server.close();
  }
  const path = "/2015-03-31/event-source-mappings/11111111-2222-3333-4444-555555555555";
  expect(seen).toEqual([
    ["PUT", path, '{"Enabled":false}'],
    ["PUT", path, '{"Enabled":true}'],
  ]);
  expect(await DeliverySwitch.isPaused()).toBe(false);
});

test("without Lambda the delivery switch is a flag for the pollers of this process, which expires", async () => {
  await DeliverySwitch.get().pause(60_000);
  expect(await DeliverySwitch.isPaused()).toBe(true);
  await DeliverySwitch.get().resume();
  expect(await DeliverySwitch.isPaused()).toBe(false);
  await DeliverySwitch.get().pause(-1);
  expect(await DeliverySwitch.isPaused()).toBe(false);
});
