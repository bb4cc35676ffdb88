import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { gpsReading, taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, put } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const MINUTES_15 = 15 * 60_000;

/**
 * Submits a piece of evidence as `submitter`.
 * @returns its id
 */
async function submit(submitter: Person, contributionId: string, piece: Record<string, unknown>): Promise<string> {
  const answer = await submitter.post(`/v1/contributions/${contributionId}/evidence`, piece);
  expect(answer.status).toBeOneOf([201, 202]);
  return String(answer.json["id"]);
}

async function photoOf(submitter: Person, contributionId: string): Promise<string> {
  const photo = photograph();
  const ticket = await submitter.post(`/v1/contributions/${contributionId}/uploads`, photo.declared);
  await put(ticket, photo.bytes);
  return submit(submitter, contributionId, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
}

test("only owner, submitter, verifiers and admins may see and download evidence, and access to others' evidence is audited", async () => {
  const [owner, helper, stranger] = [await platform.person(), await platform.person(), await platform.person()];
  const [verifier, admin] = [await platform.person(["verifier"]), await platform.person(["admin"])];
  const contributionId = await contributionOf(owner);
  const id = await photoOf(helper, contributionId);
  const seen: Record<string, unknown[]> = {};
  for (const [name, person] of Object.entries({ owner, helper, verifier, admin, stranger })) {
    const shown = await person.get(`/v1/evidence/${id}`);
    const before = Date.now();
    const download = await person.get(`/v1/evidence/${id}/download`);
    const inWhole = await person.get(`/v1/contributions/${contributionId}`);
    seen[name] = [
      shown.json["details"] === null ? "no details" : "details",
      inWhole.json["evidence"]?.[0]?.["details"] === null ? "no details" : "details",
      download.status === 200 ? "download" : problem(download),
    ];
    if (download.status !== 200) continue;
    expect(String(download.json["url"])).toMatch(/^http/);
    const lasts = Date.parse(String(download.json["expires_at"])) - before;
    expect(Math.abs(lasts - MINUTES_15)).toBeLessThan(60_000);
  }
  const all = ["details", "details", "download"];
  expect(seen).toEqual({
    owner: all,
    helper: all,
    verifier: all,
    admin: all,
    stranger: ["no details", "no details", "404 NOT_FOUND"],
  });
  const traces = await platform.sql`
    select actor_id, action, target_type, target_id, details from audit_log
    where action like 'evidence.%' and target_id in (${id}, ${contributionId}) order by id`;
  const name = (actorId: unknown) =>
    Object.entries({ owner, helper, verifier, admin, stranger }).find(([, { id: own }]) => own === actorId)?.[0];
  const read = (who: string) => [
    [who, "evidence.read", "evidence", id, { contribution_id: contributionId }],
    [who, "evidence.download", "evidence", id, { contribution_id: contributionId }],
    [who, "evidence.read", "contribution", contributionId, { evidence_ids: [id] }],
  ];
  const downloaded = (who: string) => read(who).slice(1, 2);
  expect(
    traces.map((row) => [name(row["actor_id"]), row["action"], row["target_type"], row["target_id"], row["details"]]),
  ).toEqual([...downloaded("owner"), ...downloaded("helper"), ...read("verifier"), ...read("admin")]);
});

test("a download of a missing piece of evidence, or of one without a file, is rejected with 404", async () => {
  const owner = await platform.person();
  const reading = await submit(owner, await contributionOf(owner), gpsReading({ location: { lat: -7, lon: 110 } }));
  expect(problem(await owner.get(`/v1/evidence/${randomUUID()}`))).toBe("404 NOT_FOUND");
  expect(problem(await owner.get(`/v1/evidence/${randomUUID()}/download`))).toBe("404 NOT_FOUND");
  expect(problem(await owner.get(`/v1/evidence/${reading}/download`))).toBe("404 NOT_FOUND");
});

test("only accepted evidence counts for the quality score, and each piece of evidence shows its own witnesses", async () => {
  const [owner, verifier] = [await platform.person(), await platform.person(["verifier"])];
  const contributionId = await contributionOf(owner);
  const witnesses = (...names: string[]) => ({
    evidence_type: "witness_attestation",
    proof: { timestamp: new Date().toISOString(), witnesses: names.map((witness_name) => ({ witness_name })) },
  });
  const two = await submit(owner, contributionId, witnesses("Ibu Sari", "Pak Budi"));
  await submit(owner, contributionId, witnesses("Pak Joko"));
  await photoOf(owner, contributionId); // the photo is still in examination, so it does not count
  const whole = await owner.get(`/v1/contributions/${contributionId}`);
  expect([whole.json["quality_score"], whole.json["reputation_multiplier"]]).toEqual([0.65, 1]);
  const shown = await verifier.get(`/v1/evidence/${two}`);
  expect(shown.json["details"]?.["witnesses"]).toMatchObject([
    { witness_name: "Ibu Sari" },
    { witness_name: "Pak Budi" },
  ]);
  await submit(owner, contributionId, witnesses("a", "b", "c"));
  const better = await owner.get(`/v1/contributions/${contributionId}`);
  expect(better.json["quality_score"]).toBe(0.7);
});

test("the rejection of a task step states whether the member's role or the task's status is the reason", async () => {
  const [creator, member] = [await platform.person(), await platform.person()];
  const task = await creator.post("/v1/tasks", taskInput({ title: "t", description: "d" }));
  const path = `/v1/tasks/${String(task.json["id"])}`;
  const detail = async (person: Person, step: string) => (await person.post(`${path}/${step}`)).json["detail"];
  expect(await detail(member, "cancel")).toBe("Only the creator of the task or an admin may do this.");
  await member.post(`${path}/claim`);
  expect(await detail(creator, "start")).toBe("Only the assignee of the task may do this.");
  expect(await detail(member, "complete")).toBe("The task is assigned; it must be in_progress.");
});
