import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";
import { Pushes } from "@gotong/core/domain/notification/pushes.ts";
import { notify } from "@gotong/core/domain/notification/notify.ts";
import { pushKeys } from "@gotong/core/platform/push/index.ts";
import { runBatch } from "@gotong/workers/batch.ts";
import { mail } from "@gotong/workers/mail/process.ts";
import { sweep } from "@gotong/workers/sweep/process.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { type Device, startPushService } from "../../harness/push-service.ts";

const platform = usePlatform({ workers: false });
const KEY = "a push key that is used by these tests alone 7f3b";
let service: Awaited<ReturnType<typeof startPushService>>;
let restore: (() => void) | undefined;

/** The messages to the queues of mails and sweeps. The test keeps them instead of waiting for their delays. */
const queued: { queue: string; body: string; delaySeconds: number }[] = [];
let failsToQueue = 0;

beforeAll(async () => {
  service = await startPushService(() => pushKeys()?.publicKey ?? "");
  Config.use({
    ...platform.variables,
    PUSH_KEY: KEY,
    PUSH_SUBJECT: "mailto:ops@example.org",
    PUSH_ENDPOINT: service.url,
  });
  const real = Queue.get();
  Queue.use({
    ...real,
    send: async (queue, message) => {
      if (queue !== "mail" && queue !== "sweep") return real.send(queue, message);
      if (queue === "mail" && failsToQueue > 0) {
        failsToQueue -= 1;
        throw new Error("the queue does not answer");
      }
      queued.push({ queue, body: message.body, delaySeconds: message.delaySeconds ?? 0 });
    },
  });
});
afterAll(async () => {
  Queue.use(undefined);
  await service.stop();
});
afterEach(() => {
  restore?.();
  restore = undefined;
  queued.length = 0;
});

const DAY_MS = 86_400_000;
/** Noon of tomorrow in Jakarta: a time after the sessions of the test's members have begun. */
const NOON_IN_JAKARTA = Math.ceil(Date.now() / DAY_MS) * DAY_MS + 5 * 3_600_000;
const now = (hours: number) => {
  restore?.();
  restore = Clock.set(() => new Date(NOON_IN_JAKARTA + hours * 3_600_000));
};
const asSystem = <T>(work: () => Promise<T>) => Actor.run({ type: "system", name: "test" }, Id.uuid(), work);
const run = () => asSystem(() => Pushes.run());
const incoming = (body: string, receiveCount = 1): Incoming => ({
  messageId: Id.uuid(),
  body,
  receiptHandle: "",
  receiveCount,
});

/**
 * Processes the queued pushes, and their retries, as workers do.
 * @returns the requested delays
 */
async function work(rounds = 10): Promise<number[]> {
  const delays: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const batch = queued.splice(0).filter(({ body }) => body.includes("push_id") || body.includes("gone_subscription"));
    if (batch.length === 0) return delays;
    delays.push(...batch.map(({ delaySeconds }) => delaySeconds));
    for (const { queue, body } of batch) await runBatch(queue === "mail" ? mail : sweep, [incoming(body)]);
  }
  return delays;
}

async function subscribed(device: Device, person?: Person): Promise<Person> {
  const member = person ?? (await platform.person());
  const { status, json } = await member.post("/v1/me/push-subscriptions", device.subscription);
  expect(status, JSON.stringify(json)).toBe(201);
  return member;
}
async function notified(person: Person, kind: "vouch_received" | "vote_received" = "vouch_received"): Promise<void> {
  await asSystem(() => notify([person.id], { kind, actorId: null }));
}
const subscriptionsOf = (person: Person) =>
  platform.sql`select id from push_subscriptions where user_id = ${person.id}`;

test("a device gets its member's notifications, encrypted for it, signed by the platform, in the member's language", async () => {
  const device = service.device();
  const person = await subscribed(device);
  await platform.sql`update users set language = 'id' where id = ${person.id}`;
  const { json } = await person.get("/v1/me/notification-settings");
  expect(json["push_public_key"]).toBe(pushKeys(KEY)?.publicKey);
  now(0);
  await notified(person);
  await run();
  expect(queued.map(({ body }) => body).join("")).not.toContain(device.path);
  expect(await work()).toEqual([0]);
  const [push, ...others] = service.acceptedBy(device);
  expect(others).toEqual([]);
  expect(push?.payload).toMatchObject({ kind: "vouch_received", text: "Seorang anggota menjamin Anda." });
  expect(push?.claims).toMatchObject({ aud: "https://fcm.googleapis.com", sub: "mailto:ops@example.org" });
  expect(push?.claims.exp).toBeLessThan(Date.now() / 1000 + 86_400);
  expect(push?.headers).toMatchObject({ "content-encoding": "aes128gcm", ttl: "86400" });
  expect(JSON.stringify(json)).not.toContain("endpoint");
});

test("each device gets each notification once, whatever the number of sweeps, even if a message arrives twice", async () => {
  const [one, two] = [service.device(), service.device()];
  const person = await subscribed(one);
  await subscribed(two, person);
  now(0);
  for (const kind of ["vouch_received", "vouch_received", "vote_received"] as const) await notified(person, kind);
  await Promise.all([run(), run(), run()]);
  await run();
  const copies = queued.filter(({ queue }) => queue === "mail");
  expect(copies).toHaveLength(4); // no push about the vote, which is off by default
  await work();
  for (const { body } of copies) await runBatch(mail, [incoming(body, 2)]);
  for (const device of [one, two]) {
    const ids = service.attemptsAt(device).map(({ payload }) => v.parse(v.object({ id: v.string() }), payload).id);
    expect(ids).toHaveLength(2);
    expect(new Set(ids).size).toBe(2);
  }
});

test("a push is retried with growing delays, up to six times, if its push service responds with a failure", async () => {
  const [limited, broken] = [service.device(429, 503), service.device(500, 500, 500, 500, 500, 500, 500)];
  const person = await subscribed(limited);
  now(0);
  await notified(person);
  await run();
  expect(await work()).toEqual([0, 120, 60]);
  expect(service.acceptedBy(limited)).toHaveLength(1);

  const other = await subscribed(broken);
  await notified(other);
  await run();
  expect(await work()).toEqual([0, 30, 60, 120, 240, 480]);
  expect(service.attemptsAt(broken)).toHaveLength(6);
  expect(await subscriptionsOf(other)).toHaveLength(1);
});

test("404 and 410 from a push service remove that subscription and no other", async () => {
  const [kept, gone, missing] = [service.device(), service.device(410), service.device(404)];
  const person = await subscribed(kept);
  for (const device of [gone, missing]) await subscribed(device, person);
  now(0);
  await notified(person);
  await run();
  await work();
  expect(await subscriptionsOf(person)).toHaveLength(1);
  await notified(person);
  await run();
  await work();
  expect([kept, gone, missing].map((device) => service.attemptsAt(device).length)).toEqual([2, 1, 1]);
});

test("a push with an unknown result is not sent again, such as when the service hangs or closes the connection", async () => {
  const [hanging, broken] = [service.device("hang"), service.device("reset")];
  const person = await subscribed(hanging);
  await subscribed(broken, person);
  now(0);
  await notified(person);
  await run();
  expect(await work()).toEqual([0, 0]);
  expect([hanging, broken].map((device) => service.attemptsAt(device).length)).toEqual([1, 1]);
  expect(await subscriptionsOf(person)).toHaveLength(2);
}, 60_000);

test("pushes in quiet hours wait until the quiet hours end, except for notifications that were read meanwhile", async () => {
  const device = service.device();
  const person = await subscribed(device);
  now(10); // 22:00 in Jakarta
  await notified(person);
  await notified(person);
  expect((await run())?.getTime()).toBe(NOON_IN_JAKARTA + 18 * 3_600_000);
  await work();
  expect(service.attemptsAt(device)).toEqual([]);
  await platform.sql`update notifications set read_at = now() where id = (select min(id::text)::uuid from notifications where user_id = ${person.id})`;
  now(17.99);
  await run();
  await work();
  expect(service.attemptsAt(device)).toEqual([]);
  now(18);
  await run();
  await work();
  expect(service.acceptedBy(device)).toHaveLength(1);
});

test("a crash between marking a push as sent and queueing it loses the push, and the notification stays in the feed", async () => {
  const devices = [service.device(), service.device(), service.device()];
  const person = await subscribed(devices[0] ?? service.device());
  for (const device of devices.slice(1)) await subscribed(device, person);
  now(0);
  await notified(person);
  failsToQueue = 1;
  await expect(run()).rejects.toThrow("does not answer");
  await run();
  await work();
  expect(devices.filter((device) => service.attemptsAt(device).length > 1)).toEqual([]);
  restore?.();
  expect((await person.get("/v1/notifications")).json["unread_count"]).toBe(1);
});

test("neither a device that signed out nor a device of a member who switched pushes off gets a push", async () => {
  const [out, off] = [service.device(), service.device()];
  const [signedOut, chooser] = [await subscribed(out), await subscribed(off)];
  const { refreshToken } = signedOut;
  await platform.request("POST", "/v1/auth/logout", { body: { refresh_token: refreshToken } });
  await chooser.send("PATCH", "/v1/me/notification-settings", { preferences: { vouch_received: { push: false } } });
  now(0);
  for (const person of [signedOut, chooser]) await notified(person);
  await run();
  await work();
  expect([out, off].map((device) => service.attemptsAt(device).length)).toEqual([0, 0]);
});

test("a device belongs to the member who registered it last, a member has at most ten devices, and a deletion removes them", async () => {
  const device = service.device();
  const [before, after] = [await subscribed(device), await platform.person()];
  await subscribed(device, after);
  expect(await subscriptionsOf(before)).toHaveLength(0);
  const [row] = await subscriptionsOf(after);
  expect((await before.send("DELETE", `/v1/me/push-subscriptions/${String(row?.["id"])}`)).status).toBe(204);
  expect(await subscriptionsOf(after)).toHaveLength(1);
  for (let more = 0; more < 10; more += 1) await subscribed(service.device(), after);
  expect(await subscriptionsOf(after)).toHaveLength(10);
  expect((await after.send("DELETE", "/v1/me", { password: after.password })).status).toBe(204);
  expect(await subscriptionsOf(after)).toHaveLength(0);
});

test("a push subscription is accepted only for a known push service, with keys that a browser can have", async () => {
  const person = await platform.person();
  const { subscription } = service.device();
  const ask = async (change: object) =>
    problem(await person.post("/v1/me/push-subscriptions", { ...subscription, ...change }));
  expect(await ask({ endpoint: "https://169.254.169.254/latest" })).toBe("400 VALIDATION_FAILED endpoint:format");
  expect(await ask({ endpoint: `${service.url}/x` })).toBe("400 VALIDATION_FAILED endpoint:format");
  expect(await ask({ keys: { p256dh: "AAAA", auth: "AAAA" } })).toBe(
    "400 VALIDATION_FAILED keys.p256dh:format keys.auth:format",
  );
  // 65 bytes, but no point of the curve: no push could be encrypted for it.
  const noPoint = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString("base64url");
  expect(await ask({ keys: { p256dh: noPoint, auth: "A".repeat(22) } })).toBe(
    "400 VALIDATION_FAILED keys.p256dh:format",
  );
  expect((await person.post("/v1/me/push-subscriptions", subscription)).status).toBe(201);
});
