import { expect, test } from "vitest";
import { GotongClient } from "../../../packages/client/src/index.ts";

interface Sent {
  readonly key: string | null;
  readonly method: string;
}

/** A client of an API that performs each request; the responses to the first `lost` requests do not arrive. */
function clientThatLoses(lost: number, status = 201) {
  const sent: Sent[] = [];
  const api: typeof fetch = (_, init) => {
    sent.push({ key: new Headers(init?.headers).get("idempotency-key"), method: init?.method ?? "GET" });
    if (sent.length <= lost) return Promise.reject(new TypeError("The network failed."));
    return Promise.resolve(
      Response.json({ code: "NOT_FOUND" }, { status, headers: { "content-type": "application/problem+json" } }),
    );
  };
  const client = new GotongClient({
    baseUrl: "https://api.example",
    fetch: api,
    retry: { attempts: 2, firstWaitMs: 1 },
  });
  return { client, sent };
}

test("a call that is repeated after its responses were lost has the same idempotency key, so that nothing is created twice", async () => {
  const { client, sent } = clientThatLoses(2);
  const invite = () => client.call("createInvitation", { body: { uses: 3 } });
  await expect(invite()).rejects.toThrow(TypeError);
  await client.call("createInvitation", { body: { uses: 4 } });
  await invite();
  await invite();
  const [first, second, other, repeated, next] = sent.map(({ key }) => key);
  expect([second, repeated]).toEqual([first, first]);
  expect(new Set([first, other, next]).size).toBe(3);
});

test("a deletion that is repeated after its responses were lost succeeds, although nothing is left to delete", async () => {
  const { client, sent } = clientThatLoses(2, 404);
  const path = { subscription_id: "0198c0de-0000-7000-8000-000000000000" };
  const remove = () => client.call("unsubscribeFromPushes", { path });
  await expect(remove()).rejects.toThrow(TypeError);
  await remove();
  await expect(remove()).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(sent).toHaveLength(4);
});
