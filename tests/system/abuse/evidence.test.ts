import { expect, test } from "vitest";
import { LONDON, reading, submit, vote } from "../../harness/evidence.ts";
import { witnessAttestation } from "../../harness/factories.ts";
import type { Person } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";
import { duel, flood, TRIES, useApi } from "./harness/index.ts";

const api = useApi();
const ATTACKERS = 4;
const WEEKS_AGO = new Date(Date.now() - 20 * 86_400_000);
const LARGEST = { text: "x".repeat(16_000) };

/** Sends pieces of evidence of 16 KiB with a distant place and an old time, from each attacker in turn. */
const floodOf = (attackers: readonly Person[], contributionId: string) =>
  flood({
    addresses: 8,
    total: 400,
    inFlight: 8,
    request: (n) => ({
      method: "POST",
      path: `/v1/contributions/${contributionId}/evidence`,
      token: attackers[n % attackers.length]?.token ?? "",
      body: reading(LONDON, WEEKS_AGO, LARGEST),
    }),
  });

/** Submits one more piece of evidence. Unlike the attack's requests, it is not cut off at the end of a round. */
const further = (member: Person, contributionId: string) =>
  member.post(`/v1/contributions/${contributionId}/evidence`, reading(LONDON));

type Outcomes = Readonly<Record<string, number>>;
/** Counts the requests that got a response: the outcomes that are a status, not the code of a failed connection. */
const answers = (outcomes: Outcomes) =>
  Object.entries(outcomes).reduce((sum, [outcome, count]) => (/^\d+$/.test(outcome) ? sum + count : sum), 0);
const refusals = (outcomes: Outcomes) => (outcomes["409"] ?? 0) + (outcomes["429"] ?? 0);

async function people(count: number): Promise<Person[]> {
  const all: Person[] = [];
  for (let index = 0; index < count; index += 1) all.push(await api.provenPerson());
  return all;
}

test(
  "a flood of 16 KiB evidence adds less than 1 MB and no findings to a contribution, blocks no votes, and slows reads less than threefold",
  TRIES,
  async () => {
    const [owner] = await people(1);
    const attackers = await people(ATTACKERS);
    if (!owner) throw new Error("there is no owner");
    const contributionId = await contributionOf(owner);
    const path = `/v1/contributions/${contributionId}`;
    const result = await duel(api, {
      attack: floodOf(attackers, contributionId),
      // Several members read, since the owner alone would exceed the limit of requests per member and minute.
      member: (await api.readers()).flatMap((reader) => [{ path, token: owner.token }, reader]),
      rounds: 2, // two rounds, since a slow host may not reach the limits of all attackers in one
    });
    expect(result.ratio).toBeLessThan(3);
    expect(result.ready).toEqual({ 200: result.probes });
    expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
    // Every response is either one of the five pieces that each attacker may submit, or a rejection. Responses cut off
    // at the end of a round are not counted here; the total of the contribution below is exact.
    expect(result.attacker["201"]).toBeLessThanOrEqual(ATTACKERS * 5);
    expect(refusals(result.attacker)).toBe(answers(result.attacker) - (result.attacker["201"] ?? 0));
    const codes: string[] = [];
    for (const attacker of attackers) codes.push(String((await further(attacker, contributionId)).json["code"]));
    expect(codes).toEqual(Array(ATTACKERS).fill("EVIDENCE_LIMIT_REACHED"));

    const response = await api.platform.raw("GET", path, { token: owner.token });
    expect((await response.arrayBuffer()).byteLength).toBeLessThan(1_000_000);
    const own = await submit(owner, contributionId, witnessAttestation("Ibu Sari"));
    expect(own.json["details"]?.["findings"]).toEqual([]);
    const votes: unknown[] = [];
    for (let cast = 0; cast < 3; cast += 1)
      votes.push((await vote(await api.platform.person(["verifier"]), contributionId)).json["verification_status"]);
    const decided = await owner.get(path);
    expect([votes.at(-1), decided.json["quality_score"], decided.json["evidence_total"]]).toEqual([
      "verified",
      0.65,
      ATTACKERS * 5 + 1,
    ]);
  },
);

test("pieces of evidence that are submitted after the decision are rejected and do not change the quality score", async () => {
  const [owner] = await people(1);
  const attackers = await people(ATTACKERS);
  if (!owner) throw new Error("there is no owner");
  const contributionId = await contributionOf(owner);
  for (let cast = 0; cast < 3; cast += 1) await vote(await api.platform.person(["verifier"]), contributionId);
  const path = `/v1/contributions/${contributionId}`;
  const result = await duel(api, {
    attack: floodOf([owner, ...attackers], contributionId),
    member: [{ path, token: owner.token }],
    rounds: 1,
  });
  expect(refusals(result.attacker)).toBe(answers(result.attacker));
  expect((await further(owner, contributionId)).status).toBe(409);
  expect(result.ready).toEqual({ 200: result.probes });
  const whole = await owner.get(path);
  expect([whole.json["quality_score"], whole.json["reputation_multiplier"], whole.json["evidence_total"]]).toEqual([
    0.5, 1, 0,
  ]);
});
