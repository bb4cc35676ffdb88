import { expect, test } from "vitest";
import { reading, submit } from "../../harness/evidence.ts";
import { witnessAttestation } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });

const vote = (verifier: Person, contributionId: string, input: object = {}) =>
  verifier.post(`/v1/contributions/${contributionId}/verifications`, { outcome: "approved", ...input });
const scene = async () => {
  const [owner, verifier] = [await platform.person(), await platform.person(["verifier"])];
  return { owner, verifier, contributionId: await contributionOf(owner) };
};
const versionOf = async (person: Person, contributionId: string) =>
  (await person.get(`/v1/contributions/${contributionId}`)).json["evidence_version"];

test("a verifier votes once, with notes, and a member without the role cannot vote", async () => {
  const { owner, verifier, contributionId } = await scene();
  expect(problem(await vote(owner, contributionId))).toBe("403 FORBIDDEN");
  const first = await vote(verifier, contributionId, { notes: "Seen in person." });
  expect([first.status, first.json["verification_status"]]).toEqual([201, "pending"]);
  expect(first.json["verification"]).toMatchObject({ outcome: "approved", notes: "Seen in person." });
  expect(problem(await vote(verifier, contributionId))).toBe("409 ALREADY_VERIFIED");
  expect(problem(await vote(verifier, crypto.randomUUID()))).toBe("404 NOT_FOUND");
});

test("neither the owner, nor a submitter of evidence, nor a named witness may vote", async () => {
  const owner = await platform.person(["verifier"]);
  const [helper, witness] = [await platform.person(["verifier"]), await platform.person(["verifier"])];
  const contributionId = await contributionOf(owner);
  await submit(helper, contributionId, reading());
  const { proof, ...attestation } = witnessAttestation("Ibu Sari");
  await submit(owner, contributionId, {
    ...attestation,
    proof: { ...proof, witnesses: [{ witness_name: "Ibu Sari", witness_id: witness.id }] },
  });
  const refusals = [];
  for (const verifier of [owner, helper, witness]) refusals.push((await vote(verifier, contributionId)).json["detail"]);
  expect(refusals).toEqual([
    "You cannot verify your own contribution.",
    "You submitted evidence to this contribution, so you cannot vote on it.",
    "You are named as a witness of this contribution, so you cannot vote on it.",
  ]);
});

test("a vote on outdated evidence is rejected, and a vote on the current evidence counts", async () => {
  const { owner, verifier, contributionId } = await scene();
  const before = await versionOf(verifier, contributionId);
  await submit(owner, contributionId, reading());
  expect(problem(await vote(verifier, contributionId, { evidence_version: before }))).toBe("409 EVIDENCE_CHANGED");
  const now = await versionOf(verifier, contributionId);
  expect((await vote(verifier, contributionId, { evidence_version: now })).status).toBe(201);
});

test("votes on a hidden contribution are rejected", async () => {
  const { verifier, contributionId } = await scene();
  const admin = await platform.person(["admin"]);
  await admin.post(`/v1/admin/contributions/${contributionId}/hide`, { reason: "It names a child." });
  expect(problem(await vote(verifier, contributionId))).toBe("404 NOT_FOUND");
  const moderator = await platform.person(["admin", "verifier"]);
  expect(problem(await vote(moderator, contributionId))).toBe("409 CONTENT_HIDDEN");
});

test.each([
  ["approved", "verified"],
  ["rejected", "rejected"],
])(
  "the third of three votes, with a majority of two for %s, decides, fixes the score and closes the contribution",
  async (outcome, decided) => {
    const { owner, contributionId } = await scene();
    await submit(owner, contributionId, reading());
    const others = outcome === "approved" ? "rejected" : "approved";
    const statuses = [];
    for (const cast of [outcome, others, outcome])
      statuses.push(
        (await vote(await platform.person(["verifier"]), contributionId, { outcome: cast })).json[
          "verification_status"
        ],
      );
    expect(statuses).toEqual(["pending", "pending", decided]);
    const { json } = await owner.get(`/v1/contributions/${contributionId}`);
    expect([json["verification_status"], json["quality_score"]]).toEqual([decided, 0.7]);
    const [row] =
      await platform.sql`select quality_score, reputation_multiplier from contributions where id = ${contributionId}`;
    expect([Number(row?.["quality_score"]), Number(row?.["reputation_multiplier"])]).toEqual([
      0.7,
      json["reputation_multiplier"],
    ]);
    expect(problem(await vote(await platform.person(["verifier"]), contributionId))).toBe("409 VERIFICATION_CLOSED");
  },
);
