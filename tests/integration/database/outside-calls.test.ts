import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import * as v from "valibot";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { isConnectionInUse } from "@gotong/core/platform/db/scope.ts";
import { Http } from "@gotong/core/platform/http-client/index.ts";
import { DeliverySwitch } from "@gotong/core/webhook/index.ts";
import { MailDelivery } from "@gotong/core/platform/mail/index.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { Reputation } from "@gotong/core/domain/reputation/index.ts";
import { Password } from "@gotong/core/domain/password/index.ts";
import { scanWithClamd } from "@gotong/core/platform/malware/index.ts";
import { Multipart, Storage } from "@gotong/core/platform/storage/index.ts";
import { everyRoute } from "../../system/explain/every-route.ts";
import { type Answer, Platform } from "../../harness/platform.ts";

/** A platform that sends each POST with an idempotency key, and repeats it with the same key. */
class KeyedPlatform extends Platform {
  readonly posts: { path: string; first: Answer; second: Answer }[] = [];

  override async request(...[method, path, init = {}]: Parameters<Platform["request"]>): Promise<Answer> {
    if (method !== "POST") return super.request(method, path, init);
    const headers = { ...init.headers, "idempotency-key": randomUUID() };
    const first = await super.request(method, path, { ...init, headers });
    const second = await super.request(method, path, { ...init, headers });
    this.posts.push({ path, first, second });
    return first;
  }
}

const platform = new KeyedPlatform();
beforeAll(() => platform.start({ workers: false }));
afterAll(() => platform.stop());

const key = { key: "photos/x", contentType: "image/jpeg", sizeBytes: 1, sha256: "00".repeat(32) };
const part = { key: "videos/x", multipartId: "id" };
/** Every call that leaves the process or takes long, with its name in the guard's message. */
const CALLS: readonly (readonly [name: string, call: () => unknown])[] = [
  ["http", () => Http.send({ method: "GET", url: new URL("http://127.0.0.1:1/"), headers: {} })],
  ["mail", () => MailDelivery.deliver({ to: "a@example.org", subject: "s", text: "t" })],
  ["password", () => Password.hash("a long enough phrase")],
  ["password", () => Password.verify("a long enough phrase", null)],
  ["queue", () => Queue.get().ping("sweep")],
  ["redis", () => Cache.get("family:key")],
  ["redis", () => Cache.set("family:key", "value", 1)],
  ["redis", () => Cache.ping()],
  ["sleep", () => Clock.sleep(1)],
  ["storage", () => Storage.head("key")],
  ["storage", () => Storage.read("key", undefined)],
  ["storage", () => Storage.write("key", "text/plain", new Uint8Array(1))],
  ["storage", () => Storage.tag("key", undefined, { a: "b" })],
  ["storage", () => Storage.tagsOf("key", undefined)],
  ["malware scan", () => scanWithClamd(new URL("tcp://127.0.0.1:1"), new Uint8Array())],
  ["storage", () => Storage.lock("key", "version")],
  ["storage", () => Storage.writeOnce("key", "text/plain", new Uint8Array(1))],
  ["storage", () => Storage.presignPut(key, 60)],
  ["storage", () => Storage.presignGet("key", undefined, "name", 60)],
  ["storage", () => Storage.presignThumbnail("key", new Date(), 60)],
  ["storage", () => Storage.erase("key")],
  ["storage", () => Storage.ping()],
  ["storage", () => Multipart.begin("key", "video/mp4")],
  ["storage", () => Multipart.presignPart({ ...part, partNumber: 1, sizeBytes: 1, sha256: key.sha256 }, 60)],
  ["storage", () => Multipart.partsOf(part)],
  ["storage", () => Multipart.complete(part, [])],
  ["storage", () => Multipart.abort(part)],
  ["delivery_switch", () => DeliverySwitch.get().pause(1)],
];
const refusal = (name: string) => `${name} is called while a database connection is in use`;
const onBegin = async () => undefined;

describe("the guard of outside calls", () => {
  beforeEach(() => {
    Config.use({ ...platform.variables, S3_CAPABILITIES: "tags,lock", DELIVERIES_TRIGGER_ID: "trigger" });
    DeliverySwitch.use(undefined);
  });
  afterEach(() => Config.use(platform.variables));

  test.each(CALLS)("the outside call %s throws while a database connection is in use (%#)", async (name, call) => {
    const attempt = async () => {
      await call();
    };
    await expect(Db.transaction(attempt)).rejects.toThrow(refusal(name));
    await expect(Db.transaction(() => Db.outside(attempt))).rejects.toThrow(refusal(name));
    const afterATransaction = async () => {
      await Db.transaction(async () => undefined);
      await attempt();
    };
    await expect(Db.unitOfWork(afterATransaction, { onBegin, timeoutSeconds: 5 })).rejects.toThrow(refusal(name));
  });

  test("the list of outside calls is complete: it has every function of the storage, mail and HTTP clients that sends a request", () => {
    const HARMLESS = ["open", "reset", "thumbnailKey", "use"];
    for (const [client, used] of [
      [Storage, CALLS.flatMap(([, call]) => /Storage\.(\w+)/.exec(String(call))?.[1] ?? [])],
      [Multipart, CALLS.flatMap(([, call]) => /Multipart\.(\w+)/.exec(String(call))?.[1] ?? [])],
      [MailDelivery, ["deliver"]],
      [Http, ["send"]],
    ] as const) {
      const functions = Object.entries(client).filter(([, value]) => typeof value === "function");
      const names = functions.map(([name]) => name).filter((name) => !HARMLESS.includes(name));
      expect(names.toSorted()).toEqual(used.toSorted());
    }
  });
});

test("a unit of work uses no connection before its first transaction or write, and none after its commit", async () => {
  const seen: boolean[] = [];
  const look = async () => void seen.push(isConnectionInUse());
  const member = await platform.person();
  await Db.unitOfWork(
    async () => {
      await Reputation.get(member.id);
      await look();
      await Db.transaction(look);
      await Db.afterCommit(look);
      await look();
    },
    { onBegin, timeoutSeconds: 5 },
  );
  await look();
  expect(seen).toEqual([false, true, true, false, false]);
});

test("in production, a call to another service while a database connection is in use is allowed, but logged and counted", async () => {
  Config.use({ ...platform.variables, STAGE: "staging" });
  try {
    await Db.transaction(() => Clock.sleep(1));
  } finally {
    Config.use(platform.variables);
  }
  expect(platform.logs.join("\n")).toContain("an outside call was made while a database connection was in use");
  expect(Metrics.render()).toContain('outside_calls_with_connection_total{call="sleep"} 1');
});

test("every POST route supports idempotency keys, and makes no outside call while it uses a database connection", async () => {
  await everyRoute(platform);
  const file = readFileSync(join(import.meta.dirname, "../../../packages/api/openapi.json"), "utf8");
  const { paths } = v.parse(
    v.object({ paths: v.record(v.string(), v.record(v.string(), v.unknown())) }),
    JSON.parse(file),
  );
  const patterns = Object.keys(paths).filter((path) => paths[path]?.["post"] !== undefined);
  const isOf = (pattern: string) => new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, "[0-9a-f-]{36}")}$`);
  const reached = platform.posts.filter(({ first }) => first.status < 500);
  expect(patterns.filter((pattern) => !reached.some(({ path }) => isOf(pattern).test(path)))).toEqual([]);
  // Whether the API stores the response for the idempotency key. For a 401, it does so only on /v1/auth, since other
  // routes ignore the key of a request without a token.
  const isKept = ({ path, first }: { path: string; first: Answer }) =>
    first.status !== 400 && first.status !== 429 && (first.status !== 401 || path.startsWith("/v1/auth/"));
  const summary = ({ path, first, second }: (typeof platform.posts)[number]) =>
    `${path} ${first.status} ${first.headers.get("idempotency-replayed")} ${second.status} ${second.headers.get("idempotency-replayed")}`;
  const expected = ({ path, first }: (typeof platform.posts)[number]) =>
    `${path} ${first.status} null ${first.status} true`;
  expect(platform.posts.filter(isKept).map(summary)).toEqual(platform.posts.filter(isKept).map(expected));
  expect(platform.posts.filter(({ first }) => first.status >= 500)).toEqual([]);
  expect(platform.logs.join("\n")).not.toContain("while a database connection is in use: do it");
});
