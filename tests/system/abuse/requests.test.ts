import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Person } from "../../harness/platform.ts";
import { ApiProcess, type Duel, duel, flood, TRIES } from "./harness/index.ts";

/** A Markov that accepts every connection and never answers. */
const silentMarkov = createServer(() => undefined);
const api = new ApiProcess();

beforeAll(async () => {
  await once(silentMarkov.listen(0, "127.0.0.1"), "listening");
  const address = silentMarkov.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await api.start({ MARKOV_API_URL: `http://127.0.0.1:${port}`, VOUCH_MINIMUM_REPUTATION: "1" });
});
afterAll(async () => {
  await api.stop();
  silentMarkov.closeAllConnections();
  silentMarkov.close();
});

/**
 * Asserts that the member's requests take less than three times as long as without the attacker, and that no health
 * check fails.
 */
function expectUnharmed(result: Duel): void {
  process.stdout.write(
    `p95 ${result.alone.p95Ms.toFixed(0)} ms alone, ${result.attacked.p95Ms.toFixed(0)} ms attacked\n`,
  );
  expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
  expect(result.ready).toEqual({ 200: result.probes });
  expect(result.live).toEqual({ 200: result.probes });
  expect(result.ratio).toBeLessThan(3);
}

const reset = (n: number) => ({
  method: "POST",
  path: "/v1/auth/password-resets",
  body: { email: `unknown-${n}@example.org` },
  headers: { "idempotency-key": randomUUID() },
});

test.each([
  [95, 1],
  [380, 4],
])(
  "%i password resets with random keys from %i addresses do not slow other members",
  TRIES,
  async (total, addresses) => {
    const attack = flood({ addresses, total, inFlight: total, request: reset });
    const result = await duel(api, { attack, member: await api.readers() });
    expect(result.attacker["202"] ?? 0).toBeGreaterThan(addresses);
    expectUnharmed(result);
  },
);

test("40 concurrent vouches that need a reputation from a silent Markov do not slow other members", TRIES, async () => {
  const member = await api.platform.person();
  const vouchers: Person[] = [];
  for (let made = 0; made < 40; made += 1) vouchers.push(await api.provenPerson());
  const attack = flood({
    addresses: 1,
    total: 80,
    inFlight: 40,
    request: (n) => ({
      method: "POST",
      path: "/v1/vouches",
      body: { vouchee_id: member.id },
      token: vouchers[n % 40]?.token ?? "",
      headers: { "idempotency-key": randomUUID() },
    }),
  });
  // The member's requests are spread over more than the 3 s after which the API stops waiting for a silent Markov, so
  // that the first vouches are rejected during the measurement.
  const result = await duel(api, { attack, member: await api.readers(), count: 40, leastMs: 4_500 });
  expect(result.attacker["503"] ?? 0).toBeGreaterThan(0); // without an answer of Markov the reputation is unknown, and the vouch is rejected with 503
  expect(result.attacker["201"] ?? 0).toBe(0);
  expectUnharmed(result);
});
