import { once } from "node:events";
import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Person } from "../../harness/platform.ts";
import { ApiProcess, duel, send, TRIES, waves } from "./harness/index.ts";

/** A Markov that accepts every request and never answers. */
let asked = 0;
const silentMarkov = createServer(() => void (asked += 1));
const api = new ApiProcess();
/** The setting REPUTATION_READS_AT_ONCE: all these reads are in flight before the first one fails. */
const AT_ONCE = 10;
const MEMBERS = 40;

beforeAll(async () => {
  await once(silentMarkov.listen(0, "127.0.0.1"), "listening");
  const address = silentMarkov.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  await api.start({ MARKOV_API_URL: `http://127.0.0.1:${port}` });
});
afterAll(async () => {
  await api.stop();
  silentMarkov.closeAllConnections();
  silentMarkov.close();
});

test(
  "while Markov never answers, concurrent reputation reads all get a response, send few requests to Markov, and slow no other member",
  TRIES,
  async () => {
    const asking: Person[] = [];
    for (let made = 0; made < MEMBERS; made += 1) asking.push(await api.platform.person());
    const [reader, known] = [await api.platform.person(), await api.platform.person()];
    const standing = { reputation_score: 42, tier: "silver", contributions_count: 4, vouches_received: 1, skills: [] };
    await api.platform.sql`
      insert into reputation_cache (user_id, reputation, fetched_at)
      values (${known.id}, ${api.platform.sql.json(standing)}, now() - interval '1 hour')`;
    const path = `/v1/users/${known.id}/reputation`;
    asked = 0;
    const attack = waves({
      addresses: 20,
      size: MEMBERS,
      waves: 4,
      request: (n) => {
        const [from, to] = [asking[(n + 1) % MEMBERS], asking[n % MEMBERS]];
        return { path: `/v1/users/${to?.id}/reputation`, token: from?.token ?? "" };
      },
    });
    const result = await duel(api, {
      attack,
      member: (await api.readers("/v1/tasks")).flatMap((tasks) => [tasks, { ...tasks, path }]),
      rounds: 2,
      count: 40,
      leastMs: 2_000,
    });
    const answered = result.attacker["200"] ?? 0;
    process.stdout.write(`${answered} reputations answered, Markov was asked ${asked} times\n`);
    // Markov gets the member's own requests, and a probe every ten seconds. Without the circuit breaker, Markov would
    // get a request for each read.
    expect(asked).toBeLessThanOrEqual(AT_ONCE * 2);
    expect(answered).toBeGreaterThanOrEqual(MEMBERS * 2);
    expect(answered / asked).toBeGreaterThan(4);
    const { aborted: _cutOff, ...others } = result.attacker;
    expect(others).toEqual({ 200: answered });
    expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
    expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
    expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);

    const shown: unknown = JSON.parse((await send(api.url, { path, token: reader.token })).text);
    expect(shown).toMatchObject({ stale: true, reputation: { reputation_score: 42 } });
  },
);
