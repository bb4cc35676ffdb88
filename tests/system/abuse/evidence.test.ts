import { expect, test } from "vitest";
import { LONDON, reading, submit, vote } from "../../harness/evidence.ts";
import { witnessAttestation } from "../../harness/factories.ts";
import type { Person } from "../../harness/platform.ts";
import { contributionOf } from "../../harness/scenes.ts";
import { duel, flood, useApi } from "./harness/index.ts";

const api = useApi();
const ATTACKERS = 4;
const WEEKS_AGO = new Date(Date.now() - 20 * 86_400_000);
const LARGEST = { text: "x".repeat(16_000) };

/** Evidence of 16 KiB, far away and long ago, from one attacker after the other. */
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

async function people(count: number): Promise<Person[]> {
  const all: Person[] = [];
  for (let index = 0; index < count; index += 1) all.push(await api.provenPerson());
  return all;
}

test("a flood of 16 KiB evidence by other members leaves a contribution small, votable and without findings, and slows its owner at most threefold", async () => {
  const [owner] = await people(1);
  const attackers = await people(ATTACKERS);
  if (!owner) throw new Error("there is no owner");
  const contributionId = await contributionOf(owner);
  const path = `/v1/contributions/${contributionId}`;
  const result = await duel(api, {
    attack: floodOf(attackers, contributionId),
    // The owner alone would send as many requests as one member is answered in a minute.
    member: (await api.readers()).flatMap((reader) => [{ path, token: owner.token }, reader]),
    rounds: 2, // all pieces that the attackers may add are added in them, also on a slow machine
  });
  expect(result.ratio).toBeLessThan(3);
  expect(result.ready).toEqual({ 200: result.probes });
  expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
  // Five pieces of each attacker are taken, over all rounds, and every other one is refused: the contribution's total below gives the
  // exact number. The end of a round cuts off the responses that are under way.
  const { "201": taken = 0, aborted: _cutOff, ...refused } = result.attacker;
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThanOrEqual(ATTACKERS * 5);
  expect(Object.keys(refused).filter((status) => !["409", "429"].includes(status))).toEqual([]);
  expect(Object.keys(refused)).not.toEqual([]);

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
});

test("no number of invented pieces changes the score after the decision", async () => {
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
  expect(result.attacker["201"] ?? 0).toBe(0);
  expect(result.attacker["409"]).toBeGreaterThan(0);
  expect(result.ready).toEqual({ 200: result.probes });
  const whole = await owner.get(path);
  expect([whole.json["quality_score"], whole.json["reputation_multiplier"], whole.json["evidence_total"]]).toEqual([
    0.5, 1, 0,
  ]);
});
