import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Http } from "@gotong/core/platform/http-client/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Queue, type Transport } from "@gotong/core/platform/queue/index.ts";
import { Random } from "@gotong/core/platform/random.ts";
import { resetAll } from "@gotong/core/platform/reset.ts";
import { attemptsOf, deliveries } from "@gotong/workers/deliveries/process.ts";

const PACKAGES = join(import.meta.dirname, "..", "..", "..", "packages");
/** Modules with a setter that are not reset by `resetAll`, each with the reason. */
const BY_THEMSELVES: Readonly<Record<string, string>> = {
  "core/src/platform/config.ts": "settings are given to each process",
  "core/src/platform/db/database.ts": "`use` gives the connection; `close` closes the pool",
  "core/src/platform/metrics/index.ts": "tests compare counts over several platforms",
};

test("resetAll() resets modules to the state of a new process", () => {
  const message = { messageId: "m", body: "", receiptHandle: "", receiveCount: 5 };
  const transport: Transport = {
    send: async () => undefined,
    receive: async () => [],
    remove: async () => undefined,
    hide: async () => undefined,
    ping: async () => undefined,
  };
  Queue.use(transport);
  Random.use({ fraction: () => 2, hex: () => "ff" });
  Id.use(() => "id");
  Http.use(async () => ({ status: 200, retryAfter: null, head: "", body: "" }));
  deliveries.onPutBack(message);
  expect([Queue.get() === transport, Random.fraction(), Id.uuid()]).toEqual([true, 2, "id"]);
  expect(attemptsOf(message)).toBeLessThan(5);
  resetAll();
  expect(Queue.get()).not.toBe(transport);
  expect(Random.fraction()).toBeLessThan(1);
  expect(Id.uuid()).toMatch(/^[0-9a-f-]{36}$/);
  expect(attemptsOf(message)).toBe(5);
});

test("every module with a reset or replacement function registers it with onReset()", () => {
  const settable = globSync("{core,api,workers}/src/**/*.ts", { cwd: PACKAGES })
    .filter((path) => !path.endsWith(".test.ts"))
    .filter((path) => /^export function (reset|use|forget|disarm)\(/m.test(readFileSync(join(PACKAGES, path), "utf8")));
  expect(settable.length).toBeGreaterThan(10);
  expect(settable).toEqual(expect.arrayContaining(Object.keys(BY_THEMSELVES)));
  const unregistered = settable.filter((path) => !readFileSync(join(PACKAGES, path), "utf8").includes("\nonReset("));
  expect(unregistered.filter((path) => !(path in BY_THEMSELVES))).toEqual([]);
});
