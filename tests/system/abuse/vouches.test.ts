import { expect, test } from "vitest";
import { type Duel, duel, send, TRIES, useApi, waves } from "./harness/index.ts";
import { freshPassword } from "../../harness/factories.ts";

const FRESH = 40;
const api = useApi({ REGISTRATION_LIMIT_PER_DAY: String(FRESH) });

interface Account {
  readonly id: string;
  readonly token: string;
}

let addresses = 0;

/**
 * Registers accounts from one address, two at a time.
 * @returns the created accounts, and the statuses of all responses
 */
async function register(count: number): Promise<{ accounts: Account[]; statuses: Record<string, number> }> {
  addresses += 1;
  const address = `127.203.0.${addresses}`;
  const accounts: Account[] = [];
  const statuses: Record<string, number> = {};
  let left = count;
  const lane = async () => {
    while (left > 0) {
      const tag = `${addresses}-${left}`;
      left -= 1;
      const body = { username: `sock-${tag}`, email: `sock.${tag}@example.org`, password: freshPassword() };
      const answer = await send(api.url, { method: "POST", path: "/v1/auth/register", body }, { address });
      statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
      if (answer.status !== 201) continue;
      const made: { readonly user: { readonly id: string }; readonly access_token: string } = JSON.parse(answer.text);
      accounts.push({ id: made.user.id, token: made.access_token });
    }
  };
  await Promise.all([lane(), lane()]);
  return { accounts, statuses };
}

const vouchesBy = (accounts: readonly Account[], voucheeId: string) =>
  waves({
    addresses: 4,
    size: FRESH,
    waves: 2,
    request: (n) => ({
      method: "POST",
      path: "/v1/vouches",
      token: accounts[n % accounts.length]?.token ?? "",
      body: { vouchee_id: voucheeId, weight_hint: "strong" },
    }),
  });

/**
 * Asserts that each vouch was rejected with this status, and that the honest member got the same responses as without
 * the attacker.
 */
function expectRefused(result: Duel, status: string): void {
  const { aborted = 0, ...answered } = result.attacker;
  process.stdout.write(`vouches: ${JSON.stringify(answered)}, aborted: ${aborted}\n`);
  expect(Object.keys(answered)).toEqual([status]);
  expect(answered[status]).toBeGreaterThanOrEqual(FRESH);
  expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
  expect(result.ready).toEqual({ 200: result.probes });
  expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);
}

test(
  "vouches of forty new accounts are rejected, with verified addresses or without, but an admin's vouch counts",
  TRIES,
  async () => {
    const admin = await api.provenPerson(["admin"]);
    const { accounts, statuses } = await register(FRESH + 5);
    expect(statuses).toEqual({ 201: FRESH, 429: 5 });
    const { id: targetId } = await api.provenPerson();
    const reading = { member: await api.readers(), rounds: 1, count: 40 };
    expectRefused(await duel(api, { attack: vouchesBy(accounts, targetId), ...reading }), "403");
    await api.prove(accounts.map(({ id }) => id));
    expectRefused(await duel(api, { attack: vouchesBy(accounts, targetId), ...reading }), "422");

    const rows = () => api.platform.sql`select voucher_id from vouches where vouchee_id = ${targetId}`;
    const events = () => api.platform.sql`select 1 from webhook_events where event_type = 'vouch_submitted'`;
    expect([(await rows()).length, (await events()).length]).toEqual([0, 0]);
    expect((await admin.post("/v1/vouches", { vouchee_id: targetId })).status).toBe(201);
    expect([...(await rows())]).toEqual([{ voucher_id: admin.id }]);
  },
);
