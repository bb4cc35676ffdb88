import { expect, test } from "vitest";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph } from "../../harness/scenes.ts";
import { HOME, LONDON, reading, samePhotoFor, submit, submitPhoto, vote } from "../../harness/evidence.ts";
import { witnessAttestation } from "../../harness/factories.ts";

// The platform starts no workers, since each test itself examines the uploaded files.
const platform = usePlatform({ workers: false });
const WEEKS_AGO = new Date(Date.now() - 20 * 86_400_000);

const findingsOf = (answer: Answer): unknown => answer.json["details"]?.["findings"];
const consent = (owner: Person, id: string, accept: boolean) => owner.post(`/v1/evidence/${id}/consent`, { accept });
async function events(contributionId: string): Promise<number> {
  const rows = await platform.sql`select 1 from webhook_events
    where subject = ${`contribution:${contributionId}`} and event_type = 'por_evidence'`;
  return rows.length;
}
const scoreOf = async (person: Person, contributionId: string) => {
  const { json } = await person.get(`/v1/contributions/${contributionId}`);
  return [json["quality_score"], json["reputation_multiplier"]];
};

test("evidence of another member counts and is sent to Markov only after the owner's consent", async () => {
  const [owner, neighbour] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  const added = await submit(neighbour, contributionId, witnessAttestation("Ibu Sari", "Pak Budi", "Pak Joko"));
  expect([added.status, added.json["status"], added.json["decided_at"]]).toEqual([201, "awaiting_consent", null]);
  expect([await scoreOf(owner, contributionId), await events(contributionId)]).toEqual([[0.5, 1], 0]);
  const shown = await owner.get(`/v1/contributions/${contributionId}`);
  expect(shown.json["evidence"]?.[0]).toMatchObject({ submitted_by: neighbour.id, status: "awaiting_consent" });

  const given = await consent(owner, String(added.json["id"]), true);
  expect([given.status, given.json["status"]]).toEqual([200, "accepted"]);
  expect([await scoreOf(owner, contributionId), await events(contributionId)]).toEqual([[0.7, 1], 1]);
  expect(problem(await consent(owner, String(added.json["id"]), true))).toBe("409 INVALID_EVIDENCE_STATE");

  const other = await submit(neighbour, contributionId, reading(HOME));
  const declined = await consent(owner, String(other.json["id"]), false);
  expect(declined.json).toMatchObject({ status: "refused", refusal: { code: "CONSENT_DECLINED" } });
  expect([await scoreOf(owner, contributionId), await events(contributionId)]).toEqual([[0.7, 1], 1]);
  const noted = await platform.sql`select details from audit_log where action = 'evidence.consent' order by id`;
  expect(noted.map((row) => row["details"])).toEqual([
    { contribution_id: contributionId, accept: true },
    { contribution_id: contributionId, accept: false },
  ]);
});

test("only the contribution's owner may consent to a piece of evidence, and not while it or the contribution is hidden", async () => {
  const [owner, helper, stranger] = [await platform.person(), await platform.person(), await platform.person()];
  const [verifier, admin] = [await platform.person(["verifier"]), await platform.person(["admin"])];
  const contributionId = await contributionOf(owner);
  const added = await submit(helper, contributionId, reading(HOME));
  const id = String(added.json["id"]);
  for (const person of [helper, stranger, verifier, admin])
    expect(problem(await consent(person, id, true))).toBe("403 FORBIDDEN");
  for (const [path, refusal] of [
    [`/v1/admin/contributions/${contributionId}`, "409 CONTENT_HIDDEN"],
    [`/v1/admin/evidence/${id}`, "404 NOT_FOUND"], // only its submitter and admins can see it
  ] as const) {
    expect((await admin.post(`${path}/hide`, { reason: "It names a child" })).status).toBe(200);
    for (const accept of [true, false]) expect(problem(await consent(owner, id, accept))).toBe(refusal);
    expect((await admin.post(`${path}/unhide`)).status).toBe(200);
  }
  expect(await events(contributionId)).toBe(0);
  expect((await consent(owner, id, true)).json["status"]).toBe("accepted");
});

test("evidence of another member gets and causes findings only after the owner's consent; each finding names the other piece", async () => {
  const [owner, stranger] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  const planted = await submit(stranger, contributionId, reading(LONDON, WEEKS_AGO));
  const own = await submit(owner, contributionId, reading(HOME));
  expect(findingsOf(own)).toEqual([]);
  const pictured = await submitPhoto(owner, contributionId);
  expect(await examine(pictured)).toBe("accepted");
  expect(findingsOf(await owner.get(`/v1/evidence/${pictured}`))).toEqual([]);
  expect(findingsOf(planted)).toEqual([]);

  const accepted = await consent(owner, String(planted.json["id"]), true);
  expect(findingsOf(accepted)).toMatchObject([
    { code: "pieces_apart", submitted_by: owner.id },
    { code: "exif_place", evidence_id: pictured, submitted_by: owner.id },
  ]);
  // The owner's next piece also gets the finding, which names the contradicting piece and its submitter.
  const later = await submit(owner, contributionId, reading(HOME));
  expect(findingsOf(later)).toMatchObject([
    { code: "pieces_apart", evidence_id: planted.json["id"], submitted_by: stranger.id },
  ]);
});

test("another member's photo is examined before consent, and refused if its file has meanwhile been accepted elsewhere", async () => {
  const [owner, helper] = [await platform.person(), await platform.person()];
  const [first, second] = [await contributionOf(owner), await contributionOf(owner)];
  const id = await submitPhoto(helper, first);
  expect(problem(await consent(owner, id, true))).toBe("409 INVALID_EVIDENCE_STATE");
  expect([await examine(id), await examine(id)]).toEqual(["awaiting_consent", "unchanged"]);
  expect(await events(first)).toBe(0);
  const given = await consent(owner, id, true);
  expect([given.json["status"], await events(first)]).toEqual(["accepted", 1]);

  const { photo, uploads } = await samePhotoFor(helper, first, second);
  const [one, two] = [await submit(helper, first, uploads[0]), await submit(helper, second, uploads[1])];
  for (const piece of [one, two]) expect(await examine(String(piece.json["id"]))).toBe("awaiting_consent");
  expect((await consent(owner, String(one.json["id"]), true)).json["status"]).toBe("accepted");
  const late = await consent(owner, String(two.json["id"]), true);
  expect(late.json).toMatchObject({
    status: "refused",
    media_hash: photo.declared.sha256,
    refusal: { code: "DUPLICATE_FILE" },
  });
});

test("the owner, the submitter, and an admin who gives a reason may withdraw a piece of evidence, which then does not count", async () => {
  const [owner, helper, stranger] = [await platform.person(), await platform.person(), await platform.person()];
  const [admin, verifier] = [await platform.person(["admin"]), await platform.person(["verifier"])];
  const contributionId = await contributionOf(owner);
  const withdraw = (person: Person, answer: Answer, body: object = {}) =>
    person.post(`/v1/evidence/${String(answer.json["id"])}/withdraw`, body);
  const own = await submit(owner, contributionId, reading(HOME));
  expect(await scoreOf(owner, contributionId)).toEqual([0.7, 1]);
  expect(problem(await withdraw(stranger, own))).toBe("403 FORBIDDEN");
  expect(problem(await withdraw(verifier, own))).toBe("403 FORBIDDEN");
  const taken = await withdraw(owner, own, { reason: "The wrong place" });
  expect(taken.json).toMatchObject({
    status: "withdrawn",
    withdrawal: { by: owner.id, reason: "The wrong place" },
    details: { location: HOME },
  });
  expect(await scoreOf(owner, contributionId)).toEqual([0.5, 1]);
  expect(problem(await withdraw(owner, own))).toBe("409 INVALID_EVIDENCE_STATE");
  const asSeen = await verifier.get(`/v1/evidence/${String(own.json["id"])}`);
  expect(asSeen.json).toMatchObject({
    status: "withdrawn",
    withdrawal: { by: owner.id, reason: "The wrong place" },
    details: { location: HOME },
  });
  const asStranger = await stranger.get(`/v1/evidence/${String(own.json["id"])}`);
  expect(asStranger.json).toMatchObject({ status: "withdrawn", withdrawal: { reason: null }, details: null });

  const helped = await submit(helper, contributionId, reading(HOME));
  expect((await withdraw(helper, helped)).json["status"]).toBe("withdrawn");
  const another = await submit(helper, contributionId, reading(HOME));
  expect((await withdraw(owner, another)).json["status"]).toBe("withdrawn");
  const third = await submit(helper, contributionId, reading(HOME));
  expect(problem(await withdraw(admin, third))).toBe("400 VALIDATION_FAILED reason:required");
  expect((await withdraw(admin, third, { reason: "Spam" })).json["status"]).toBe("withdrawn");
  const noted =
    await platform.sql`select actor_id, details from audit_log where action = 'evidence.withdraw' order by id`;
  expect(noted.map((row) => [row["actor_id"], row["details"]["before"], row["details"]["reason"]])).toEqual([
    [owner.id, "accepted", null],
    [helper.id, "awaiting_consent", null],
    [owner.id, "awaiting_consent", null],
    [admin.id, "awaiting_consent", "Spam"],
  ]);
});

test("evidence withdrawn during its examination is not accepted, and the file of accepted evidence cannot be used twice", async () => {
  const owner = await platform.person();
  const [first, second] = [await contributionOf(owner), await contributionOf(owner)];
  const { uploads } = await samePhotoFor(owner, first, second, first);
  const one = await submit(owner, first, uploads[0]);
  await owner.post(`/v1/evidence/${String(one.json["id"])}/withdraw`, {});
  expect([await examine(String(one.json["id"])), await events(first)]).toEqual(["unchanged", 0]);
  // The withdrawn piece was never accepted, so another piece may use its file.
  const two = await submit(owner, second, uploads[1]);
  expect(await examine(String(two.json["id"]))).toBe("accepted");
  await owner.post(`/v1/evidence/${String(two.json["id"])}/withdraw`, {});
  const again = await owner.post(`/v1/contributions/${first}/evidence`, uploads[2]);
  expect(problem(again)).toBe("409 DUPLICATE_FILE");
});

test("withdrawing a piece of evidence removes its findings on others' pieces, but not those on the withdrawing member's own", async () => {
  const [owner, helper] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  const old: Answer[] = [];
  for (const name of ["Ibu Sari", "Pak Budi"]) {
    const piece = await submit(helper, contributionId, witnessAttestation(name), WEEKS_AGO);
    await consent(owner, String(piece.json["id"]), true);
    old.push(piece);
  }
  const [first, second] = old.map((piece) => String(piece.json["id"]));
  const own = await submit(owner, contributionId, reading(HOME));
  const apart = (id: string | undefined) => ({ code: "pieces_apart", evidence_id: id });
  expect(findingsOf(own)).toMatchObject([apart(first)]);
  await owner.post(`/v1/evidence/${String(first)}/withdraw`, {});
  expect(findingsOf(await owner.get(`/v1/evidence/${String(own.json["id"])}`))).toMatchObject([apart(first)]);

  const another = await submit(owner, contributionId, witnessAttestation("Pak Joko"));
  expect(findingsOf(another)).toMatchObject([apart(second)]);
  await helper.post(`/v1/evidence/${String(second)}/withdraw`, {});
  expect(findingsOf(await owner.get(`/v1/evidence/${String(another.json["id"])}`))).toEqual([]);

  const away = await submit(owner, contributionId, reading(LONDON));
  const findings = findingsOf(away);
  expect(findings).toMatchObject([{ code: "impossible_speed", evidence_id: own.json["id"], submitted_by: owner.id }]);
  await owner.post(`/v1/evidence/${String(own.json["id"])}/withdraw`, {});
  expect(findingsOf(await owner.get(`/v1/evidence/${String(away.json["id"])}`))).toEqual(findings);
});

test("verifiers still see a withdrawn piece of evidence with its findings, but it does not count", async () => {
  const [owner, helper, stranger] = [await platform.person(), await platform.person(), await platform.person()];
  const [verifier, admin] = [await platform.person(["verifier"]), await platform.person(["admin"])];
  const contributionId = await contributionOf(owner);
  await submit(owner, contributionId, reading(HOME));
  const score = await scoreOf(owner, contributionId);
  const away = reading(LONDON);
  const doubtful = await submit(owner, contributionId, { ...away, proof: { ...away.proof, accuracy_meters: 500 } });
  const contrary = await submit(helper, contributionId, witnessAttestation("Ibu Sari"), WEEKS_AGO);
  await consent(owner, String(contrary.json["id"]), true);
  const pictured = await submitPhoto(owner, contributionId);
  expect(await examine(pictured)).toBe("accepted");
  const ids = [String(doubtful.json["id"]), String(contrary.json["id"]), pictured];
  const detailsFor = async (person: Person) => {
    const pieces = await Promise.all(ids.map((id) => person.get(`/v1/evidence/${id}`)));
    return pieces.map((piece) => piece.json["details"]);
  };
  const before = await detailsFor(verifier);
  expect(before.map((details) => details?.["findings"])).toMatchObject([
    [{ code: "gps_inaccurate" }, { code: "impossible_speed" }],
    [{ code: "pieces_apart" }],
    // Another finding may follow, since the picture resembles that of another test.
    expect.arrayContaining(["pieces_apart", "exif_place"].map((code) => expect.objectContaining({ code }))),
  ]);
  for (const id of ids.toReversed())
    expect((await owner.post(`/v1/evidence/${id}/withdraw`, { reason: "Never mind" })).status).toBe(200);

  expect(await scoreOf(owner, contributionId)).toEqual(score);
  for (const person of [verifier, admin]) {
    // The withdrawal of the owner's pieces removes the findings that they caused on the helper's piece. Findings on the
    // owner's own pieces stay.
    expect(await detailsFor(person)).toEqual([before[0], { ...before[1], findings: [] }, before[2]]);
    const withdrawal = { status: "withdrawn", withdrawal: { by: owner.id, reason: "Never mind" } };
    expect((await person.get(`/v1/contributions/${contributionId}/evidence`)).json["data"]).toMatchObject([
      { status: "accepted" },
      { ...withdrawal, details: before[0] },
      withdrawal,
      { ...withdrawal, details: before[2] },
    ]);
    expect((await person.get(`/v1/evidence/${pictured}/download`)).status).toBe(200);
  }
  // The owner still sees the details of their own pieces, but of the helper's piece only that it was withdrawn.
  expect((await detailsFor(owner)).map((details) => details === null)).toEqual([false, true, false]);
  expect(await detailsFor(stranger)).toEqual([null, null, null]);
  expect(problem(await stranger.get(`/v1/evidence/${pictured}/download`))).toBe("404 NOT_FOUND");
});

test("after the decision evidence, uploads and consent are rejected, only admins may withdraw, and the score stays", async () => {
  const [owner, helper, admin] = [await platform.person(), await platform.person(), await platform.person(["admin"])];
  const contributionId = await contributionOf(owner);
  const judged = await submit(owner, contributionId, reading(HOME));
  const waiting = await submit(helper, contributionId, witnessAttestation("a", "b", "c"));
  const examined = await submitPhoto(owner, contributionId);
  const before = await scoreOf(owner, contributionId);
  for (let votes = 0; votes < 3; votes += 1) await vote(await platform.person(["verifier"]), contributionId);

  const whole = await owner.get(`/v1/contributions/${contributionId}`);
  expect(whole.json["verification_status"]).toBe("verified");
  const closed = { status: "refused", refusal: { code: "VERIFICATION_CLOSED" } };
  for (const id of [String(waiting.json["id"]), examined])
    expect((await owner.get(`/v1/evidence/${id}`)).json).toMatchObject(closed);
  expect(await examine(examined)).toBe("unchanged");

  const path = `/v1/contributions/${contributionId}`;
  expect(problem(await owner.post(`${path}/evidence`, witnessAttestation("a", "b", "c")))).toBe(
    "409 VERIFICATION_CLOSED",
  );
  expect(problem(await helper.post(`${path}/evidence`, reading(HOME)))).toBe("409 VERIFICATION_CLOSED");
  expect(problem(await owner.post(`${path}/uploads`, photograph().declared))).toBe("409 VERIFICATION_CLOSED");
  expect(problem(await consent(owner, String(waiting.json["id"]), true))).toBe("409 VERIFICATION_CLOSED");
  const withdrawal = `/v1/evidence/${String(judged.json["id"])}/withdraw`;
  expect(problem(await owner.post(withdrawal, {}))).toBe("409 VERIFICATION_CLOSED");
  // An admin has no additional rights on their own contribution.
  await platform.sql`update users set roles = array['contributor', 'admin'] where id = ${owner.id}`;
  expect(problem(await owner.post(withdrawal, { reason: "Of another place" }))).toBe("409 VERIFICATION_CLOSED");
  const taken = await admin.post(withdrawal, { reason: "It shows a child" });
  expect(taken.json["status"]).toBe("withdrawn");
  expect([await scoreOf(owner, contributionId), await events(contributionId)]).toEqual([before, 1]);
  const [row] =
    await platform.sql`select quality_score, reputation_multiplier from contributions where id = ${contributionId}`;
  expect(row).toEqual({ quality_score: 0.7, reputation_multiplier: 1 });
});

test("a vote that names an evidence version counts only while that version is current", async () => {
  const [owner, helper] = [await platform.person(), await platform.person()];
  const verifier = await platform.person(["verifier"]);
  const contributionId = await contributionOf(owner);
  const versionNow = async () =>
    String((await verifier.get(`/v1/contributions/${contributionId}`)).json["evidence_version"]);
  const ballot = (evidence_version: string) =>
    verifier.post(`/v1/contributions/${contributionId}/verifications`, { outcome: "approved", evidence_version });
  const seen = [await versionNow()];
  const added = await submit(helper, contributionId, witnessAttestation("a", "b", "c"));
  seen.push(await versionNow());
  await consent(owner, String(added.json["id"]), true);
  seen.push(await versionNow());
  await owner.post(`/v1/evidence/${String(added.json["id"])}/withdraw`, {});
  expect(new Set([...seen, await versionNow()]).size).toBe(4);
  for (const old of seen) expect(problem(await ballot(old))).toBe("409 EVIDENCE_CHANGED");
  const counted = await ballot(await versionNow());
  expect([counted.status, counted.json["verification_status"]]).toEqual([201, "pending"]);
  expect(problem(await ballot("x"))).toBe("400 VALIDATION_FAILED evidence_version:format");
});
