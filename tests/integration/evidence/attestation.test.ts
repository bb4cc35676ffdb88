import { beforeAll, expect, test } from "vitest";
import { witnessAttestation } from "../../harness/factories.ts";
import { submit } from "../../harness/evidence.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
let owner: Person;
let verifier: Person;
beforeAll(async () => {
  [owner, verifier] = [await platform.person(), await platform.person(["verifier"])];
});

/** Submits an attestation that names these members by id, and further witnesses by name only. */
async function attested(members: readonly Person[], names: readonly string[] = []) {
  const contributionId = await contributionOf(owner);
  const witnesses = [
    ...members.map((member, index) => ({
      witness_name: `Witness ${index}`,
      witness_id: member.id,
      statement: "I saw it.",
    })),
    ...names.map((witness_name) => ({ witness_name })),
  ];
  const attestation = { ...witnessAttestation(), proof: { timestamp: new Date().toISOString(), witnesses } };
  const piece = await submit(owner, contributionId, attestation);
  return { contributionId, evidenceId: String(piece.json["id"]) };
}

const answer = (person: Person, evidenceId: string, confirm: boolean): Promise<Answer> =>
  person.post(`/v1/evidence/${evidenceId}/attestation`, { confirm });
const contribution = async (id: string) => (await verifier.get(`/v1/contributions/${id}`)).json;
const items = (list: unknown): Record<string, unknown>[] => (Array.isArray(list) ? list : []);
const confirmations = async (evidenceId: string) => {
  const { json } = await verifier.get(`/v1/evidence/${evidenceId}`);
  return items(json["details"]?.["witnesses"]).map((witness) => String(witness["confirmation"]));
};
const waiting = async (person: Person) => {
  const { json } = await person.get("/v1/me/attestations");
  return items(json["data"]).map((one) => String(one["evidence_id"]));
};

test("a member named as a witness finds the attestations that wait for them, and is shown as named until they confirm", async () => {
  const witness = await platform.person();
  const { evidenceId } = await attested([witness], ["Ibu Sari"]);
  expect(await waiting(witness)).toEqual([evidenceId]);
  expect(await waiting(owner)).toEqual([]);
  expect(await confirmations(evidenceId)).toEqual(["named", "named"]);
  const confirmed = await answer(witness, evidenceId, true);
  expect([confirmed.status, confirmed.json["statement"], confirmed.json["confirmation"]]).toEqual([
    200,
    "I saw it.",
    "confirmed",
  ]);
  expect(await confirmations(evidenceId)).toEqual(["confirmed", "named"]);
  expect(await waiting(witness)).toEqual([]);
});

test("a witness counts more after confirming and not at all after declining; each answer changes the evidence version", async () => {
  const [one, two] = [await platform.person(), await platform.person()];
  const { contributionId, evidenceId } = await attested([one, two]);
  const scoreAndVersion = async () => {
    const { quality_score, evidence_version } = await contribution(contributionId);
    return [Number(quality_score), String(evidence_version)] as const;
  };
  const seen = [await scoreAndVersion()];
  for (const [person, confirm] of [
    [one, true],
    [two, false],
    [one, false],
    [two, true],
  ] as const) {
    await answer(person, evidenceId, confirm);
    seen.push(await scoreAndVersion());
  }
  expect(seen.map(([score]) => score)).toEqual([0.65, 0.7, 0.65, 0.5, 0.65]);
  for (const [index, [, version]] of seen.entries()) expect(version).not.toBe(seen[index - 1]?.[1]);
});

test("only a witness named by member id may answer an attestation, unless it is hidden, withdrawn or already decided", async () => {
  const witness = await platform.person();
  const { contributionId, evidenceId } = await attested([witness], ["Ibu Sari"]);
  for (const other of [owner, verifier, await platform.person()])
    expect(problem(await answer(other, evidenceId, true))).toBe("403 FORBIDDEN");
  await platform.sql`update evidence set hidden_at = now(), hidden_reason = 'x', hidden_by = ${verifier.id} where id = ${evidenceId}`;
  expect((await answer(witness, evidenceId, true)).status).toBe(404);
  expect(await waiting(witness)).toEqual([]);
  await platform.sql`update evidence set hidden_at = null, hidden_reason = null, hidden_by = null where id = ${evidenceId}`;
  await platform.sql`update contributions set verification_status = 'verified', decided_at = now(), quality_score = 0.5, reputation_multiplier = 1 where id = ${contributionId}`;
  expect(problem(await answer(witness, evidenceId, true))).toBe("409 VERIFICATION_CLOSED");
  expect(await waiting(witness)).toEqual([]);
  const second = await attested([witness]);
  await owner.post(`/v1/evidence/${second.evidenceId}/withdraw`, {});
  expect(problem(await answer(witness, second.evidenceId, true))).toBe("409 INVALID_EVIDENCE_STATE");
});
