import { expect, test } from "vitest";
import { type Attack, duel, flood, send, TRIES, useApi } from "./harness/index.ts";

// No login limit, since the measured member logs in hundreds of times.
const api = useApi({ LOGINS_PER_MEMBER_PER_HOUR: "1000000" });
const HOME = "127.201.0.7";
/**
 * Upper limit of checked guesses. The first ten have no delay; then the delays are 1, 2, 4 … seconds, so that five or
 * six more guesses are checked in a minute.
 */
const MOST_GUESSES = 20;

const login = (email: string, password: string) => ({
  method: "POST",
  path: "/v1/auth/login",
  body: { email, password },
});

test(
  "at most 20 of 160 password guesses on one account from 40 addresses are checked, and its member can still sign in",
  TRIES,
  async () => {
    const [victim, other] = [await api.platform.person(), await api.platform.person()];
    const signIn = async (address: string) =>
      (await send(api.url, login(victim.email, victim.password), { address })).status;
    expect(await signIn(HOME)).toBe(200); // makes HOME a known address

    const guesses = flood({
      addresses: 40,
      total: 160,
      inFlight: 40,
      request: (n) => login(victim.email, `guess number ${n}`),
    });
    const atHome: number[] = [];
    const attack: Attack = async (context) => {
      await guesses(context);
      // Runs last, since a successful login resets the count of consecutive failures, and the attacker could start
      // again.
      atHome.push(await signIn(HOME));
    };
    const result = await duel(api, {
      attack,
      member: [login(other.email, other.password)],
      rounds: 1,
      // Concurrent guesses are all hashed before the lockout takes effect, so that one login of the member may wait for
      // forty hashes. Of sixty logins this slow one does not determine the p95; of twenty it would.
      count: 60,
      leastMs: 5_000,
    });
    const { "401": wrong = 0, "429": refused = 0, "403": locked = 0 } = result.attacker;
    process.stdout.write(`${wrong} guesses answered, ${refused + locked} refused\n`);
    expect(atHome).toEqual([200]);
    expect(wrong).toBeGreaterThan(0);
    expect(wrong).toBeLessThanOrEqual(MOST_GUESSES);
    expect(wrong + refused + locked).toBe(160);
    expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
    expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
    expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);
  },
);
