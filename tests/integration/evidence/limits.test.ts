import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { room } from "@gotong/core/domain/evidence/admission.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { HOME, reading, submit, submitPhoto } from "../../harness/evidence.ts";
import { witnessAttestation } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, sha256 } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const REACHED = "409 EVIDENCE_LIMIT_REACHED";

/** Submits pieces of evidence until one is rejected. @returns the number of accepted pieces, and the problem */
async function fill(person: Person, contributionId: string): Promise<[number, string]> {
  for (let taken = 0; ; taken += 1) {
    const answer = await person.post(`/v1/contributions/${contributionId}/evidence`, reading(HOME));
    if (answer.status !== 201) return [taken, problem(answer)];
  }
}

test("the evidence limit reserves a part for the owner, and limits each other member and all other members together", () => {
  const limits = { owner: 20, other: 5, inAll: 50 };
  expect(room({ own: 19, ofOthers: 30 }, true, limits)).toBe(1);
  expect(room({ own: 20, ofOthers: 0 }, true, limits)).toBe(0);
  expect(room({ own: 4, ofOthers: 4 }, false, limits)).toBe(1);
  expect(room({ own: 5, ofOthers: 5 }, false, limits)).toBe(0);
  expect(room({ own: 0, ofOthers: 30 }, false, limits)).toBe(0);
  expect(room({ own: 0, ofOthers: 0 }, true, { owner: 20, other: 5, inAll: 10 })).toBe(10);
});

test("a member may submit five pieces of evidence to another's contribution, and many members leave its owner 20", async () => {
  const owner = await platform.person();
  const contributionId = await contributionOf(owner);
  const stranger = await platform.person();
  for (let piece = 0; piece < 400; piece += 1)
    if ((await stranger.post(`/v1/contributions/${contributionId}/evidence`, reading(HOME))).status !== 201) break;
  expect(await fill(stranger, contributionId)).toEqual([0, REACHED]);
  for (let others = 0; others < 5; others += 1)
    expect(await fill(await platform.person(), contributionId)).toEqual([5, REACHED]);
  expect(await fill(await platform.person(), contributionId)).toEqual([0, REACHED]);
  expect(await fill(owner, contributionId)).toEqual([20, REACHED]);
  const whole = await owner.get(`/v1/contributions/${contributionId}`);
  expect(whole.json["evidence_total"]).toBe(50);
});

test("withdrawn and declined pieces of evidence still count for their submitter, but refused files do not", async () => {
  const [owner, stranger] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  for (let piece = 0; piece < 5; piece += 1) {
    const added = `/v1/evidence/${String((await submit(stranger, contributionId, reading(HOME))).json["id"])}`;
    const end =
      piece % 2 === 0 ? stranger.post(`${added}/withdraw`, {}) : owner.post(`${added}/consent`, { accept: false });
    expect((await end).status).toBe(200);
  }
  expect(await fill(stranger, contributionId)).toEqual([0, REACHED]);
  for (let others = 0; others < 6; others += 1)
    expect(await fill(await platform.person(), contributionId)).toEqual([5, REACHED]);
  for (let photo = 0; photo < 3; photo += 1) {
    const id = await submitPhoto(owner, contributionId);
    await platform.sql`update evidence set status = 'refused', refusal_code = 'UPLOAD_MISMATCH', decided_at = now() where id = ${id}`;
  }
  expect(await fill(owner, contributionId)).toEqual([20, REACHED]);
});

test("an upload URL counts towards the evidence limit until it expires; once it is used, only its piece of evidence counts", async () => {
  const [owner, stranger] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  const ask = () => stranger.post(`/v1/contributions/${contributionId}/uploads`, photograph().declared);
  await submitPhoto(stranger, contributionId);
  const answers: Answer[] = [];
  for (let tickets = 0; tickets < 5; tickets += 1) answers.push(await ask());
  expect(answers.map(({ status }) => status)).toEqual([201, 201, 201, 201, 409]);
  await platform.sql`update uploads set expires_at = now() - interval '1 second' where contribution_id = ${contributionId}`;
  expect((await ask()).status).toBe(201);
});

test("a contribution shows its first 20 pieces of evidence with a link to the others, and the score counts all", async () => {
  const [owner, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  const ids: string[] = [];
  for (let piece = 0; piece < 19; piece += 1)
    ids.push(String((await submit(owner, contributionId, witnessAttestation("Ibu Sari"))).json["id"]));
  for (let piece = 0; piece < 5; piece += 1)
    ids.push(String((await submit(other, contributionId, reading(HOME))).json["id"]));
  for (const id of ids.slice(19)) await owner.post(`/v1/evidence/${id}/consent`, { accept: true });
  const path = `/v1/contributions/${contributionId}`;
  const whole = await owner.get(path);
  expect([whole.json["evidence_total"], whole.json["quality_score"]]).toEqual([24, 0.85]);
  const idsOf = (answer: Answer, field: string) =>
    Object.values(answer.json[field] ?? {}).map((one) => String(Reflect.get(Object(one), "id")));
  expect(idsOf(whole, "evidence")).toEqual(ids.slice(0, 20));
  const rest = await owner.get(`${path}/evidence?cursor=${String(whole.json["evidence_next_cursor"])}`);
  expect([idsOf(rest, "data"), rest.json["next_cursor"]]).toEqual([ids.slice(20), null]);
  expect(whole.json).toMatchObject({
    verifications: [],
    verifications_total: 0,
    verifications_next_cursor: null,
  });
});

const MB = 1024 * 1024;

test("UPLOADS_MIB_PER_DAY limits the total size of a member's uploads in 24 hours, including submitted ones", async () => {
  onTestFinished(() => Config.use(platform.variables));
  Config.use({ ...platform.variables, UPLOADS_MIB_PER_DAY: "100" });
  const [member, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(member);
  const ask = (by: Person, size_bytes: number) =>
    by.post(`/v1/contributions/${contributionId}/uploads`, {
      file_name: "drain.mp4",
      content_type: "video/mp4",
      size_bytes,
      sha256: sha256(Buffer.from(randomUUID())),
    });
  const answers = await Promise.all([1, 2, 3].map(() => ask(member, 60 * MB)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 429, 429]);
  await platform.sql`update uploads set status = 'used', created_at = created_at - interval '12 hours' where user_id = ${member.id}`;
  expect((await ask(member, 100 * MB - 60 * MB)).status).toBe(201);
  const refused = await ask(member, 1 * MB);
  expect([problem(refused), refused.json["detail"]]).toEqual([
    "429 RATE_LIMITED",
    "Your uploads of 24 hours may have at most 100 MiB in all.",
  ]);
  expect(Math.abs(Number(refused.headers.get("retry-after")) - 43_200)).toBeLessThan(100);
  expect((await ask(other, 60 * MB)).status).toBe(201);
  await platform.sql`update uploads set created_at = created_at - interval '12 hours' where user_id = ${member.id}`;
  expect((await ask(member, 60 * MB)).status).toBe(201);
});

test("UNUSED_UPLOADS_MIB limits the total size of a member's unused uploads, whatever the hourly quota", async () => {
  onTestFinished(() => Config.use(platform.variables));
  Config.use({ ...platform.variables, UNUSED_UPLOADS_MIB: "100" });
  const [member, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(member);
  const ask = (by: Person, body: object) => by.post(`/v1/contributions/${contributionId}/uploads`, body);
  const video = (size_bytes: number) => ({
    file_name: "drain.mp4",
    content_type: "video/mp4",
    size_bytes,
    sha256: sha256(Buffer.from(randomUUID())),
  });
  const large = Array.from({ length: 3 }, () => video(60 * MB));
  const answers = await Promise.all(large.map((declared) => ask(member, declared)));
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 429, 429]);
  const refused = answers.find(({ status }) => status === 429);
  expect(refused?.headers.get("retry-after")).toBe("86400");
  const first = answers.findIndex(({ status }) => status === 201);
  const again = await ask(member, large[first] ?? {});
  expect([again.status, again.json["upload_id"]]).toEqual([201, answers[first]?.json["upload_id"]]);
  expect((await ask(member, video(40 * MB))).status).toBe(201);
  await platform.sql`update uploads set created_at = created_at - interval '6 days 12 hours' where user_id = ${member.id}`;
  const full = await ask(member, video(1 * MB));
  expect(problem(full)).toBe("429 RATE_LIMITED");
  expect(Math.abs(Number(full.headers.get("retry-after")) - 43_200)).toBeLessThan(100);
  expect((await ask(other, video(60 * MB))).status).toBe(201);
  await platform.sql`update uploads set status = 'used' where id = ${String(again.json["upload_id"])}`;
  expect((await ask(member, video(60 * MB))).status).toBe(201);
});
