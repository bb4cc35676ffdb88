import { expect, test } from "vitest";
import { type Duel, duel, flood, TRIES, useApi } from "./harness/index.ts";

// No login limit, since the measured member logs in hundreds of times.
const api = useApi({ LOGINS_PER_MEMBER_PER_HOUR: "1000000" });

const wrongLogins = (addresses: number, total: number) =>
  flood({
    addresses,
    total,
    inFlight: total,
    request: (n) => ({
      method: "POST",
      path: "/v1/auth/login",
      body: { email: `unknown.${n}@example.org`, password: "no such password" },
    }),
  });

function expectUnharmed(result: Duel): void {
  const { ratio, liveRatio, attacked, probes, ready, live } = result;
  expect(ratio, JSON.stringify(result)).toBeLessThan(3);
  expect(liveRatio, JSON.stringify(result)).toBeLessThan(3);
  expect(attacked.statuses).toEqual({ 200: attacked.requests });
  expect([ready, live]).toEqual([{ 200: probes }, { 200: probes }]);
}

test("wrong logins from two addresses slow neither reads, compressed or not, nor health checks", TRIES, async () => {
  const gzip = { "accept-encoding": "gzip" };
  const reading = (await api.readers()).flatMap((own) => [
    own,
    { ...own, path: "/v1/tasks", headers: gzip },
    { path: "/openapi.json", headers: gzip },
  ]);
  expectUnharmed(await duel(api, { attack: wrongLogins(2, 180), member: reading, leadMs: 1_000 }));
});

test("wrong logins from two addresses do not slow other logins, since client addresses take turns", TRIES, async () => {
  const { email, password } = await api.platform.person();
  const signingIn = [{ method: "POST", path: "/v1/auth/login", body: { email, password } }];
  expectUnharmed(await duel(api, { attack: wrongLogins(2, 180), member: signingIn, count: 10, leadMs: 1_000 }));
});

test("wrong logins from sixty addresses fill a bounded queue, and reads continue", TRIES, async () => {
  const reading = await api.readers();
  const result = await duel(api, { attack: wrongLogins(60, 300), member: reading, rounds: 1, leadMs: 2_000 });
  expect(result.attacker["503"] ?? 0, JSON.stringify(result)).toBeGreaterThan(0);
  expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
  expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
});
