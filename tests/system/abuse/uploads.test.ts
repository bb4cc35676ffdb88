import { expect, test } from "vitest";
import { contributionOf, photograph } from "../../harness/scenes.ts";
import { duel, flood, type HttpRequest, send, TRIES, useApi } from "./harness/index.ts";

const api = useApi();

test(
  "rejected upload requests do not use up the quota: the member still gets ten uploads, and no more",
  TRIES,
  async () => {
    const [member, stranger] = [await api.provenPerson(), await api.provenPerson()];
    const path = `/v1/contributions/${await contributionOf(member)}/uploads`;
    const ask = (token: string, own: object = {}): HttpRequest => ({
      method: "POST",
      path,
      token,
      body: { ...photograph().declared, ...own },
    });
    const [tooLarge, foreign] = [ask(member.token, { size_bytes: 10 ** 12 }), ask(stranger.token, { file_name: "" })];
    const attack = flood({
      addresses: 4,
      total: 80,
      inFlight: 4,
      request: (n) => (n % 2 === 0 ? tooLarge : foreign),
    });
    const result = await duel(api, { attack, member: await api.readers(), rounds: 1, count: 40 });
    const { aborted = 0, ...answered } = result.attacker;
    process.stdout.write(`refused: ${JSON.stringify(answered)}, aborted: ${aborted}\n`);
    expect(Object.keys(answered)).toEqual(["400"]);
    expect(answered["400"]).toBeGreaterThanOrEqual(20); // at least ten of each of the two kinds of invalid requests
    expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
    expect(result.ready).toEqual({ 200: result.probes });
    expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);

    const granted: number[] = [];
    for (let asked = 0; asked < 12; asked += 1)
      granted.push((await send(api.url, ask(member.token), { address: "127.202.0.1" })).status);
    expect(granted).toEqual([...Array<number>(10).fill(201), 429, 429]);
  },
);
