import { afterEach, expect, test } from "vitest";
import { Config } from "../config.ts";
import { Http } from "./client.ts";
import { Delivery } from "../../webhook/index.ts";
import { markovUrl } from "./markov-url.ts";

afterEach(() => Http.use(undefined));

test.each([
  ["https://x.example", "https://x.example/v1/y"],
  ["https://x.example/", "https://x.example/v1/y"],
  ["https://x.example:8443/markov", "https://x.example:8443/markov/v1/y"],
  ["https://x.example/a/markov//", "https://x.example/a/markov/v1/y"],
])("base URL %s gives Markov's URL %s", (base, address) => {
  expect(markovUrl(base, "/v1/y").href).toBe(address);
});

test("events are sent to a URL below the path of MARKOV_API_URL", async () => {
  const asked: string[] = [];
  Http.use((sending) => {
    asked.push(sending.url.href);
    return Promise.resolve({ status: 202, retryAfter: null, head: "", body: "" });
  });
  Config.use({
    MARKOV_API_URL: "https://x.example/markov/",
    GOTONG_ROYONG_WEBHOOK_SECRET: "0123456789abcdef".repeat(2),
  });
  await Delivery.attempt(
    {
      event_id: "evt_0123456789abcdef",
      subject: "contribution:1",
      sequence: 1,
      request_id: "r",
      created_at: "2027-03-01T06:00:00.000Z",
      body: "{}",
    },
    1,
  );
  expect(asked).toEqual(["https://x.example/markov/v1/platforms/gotong_royong/webhook"]);
});
