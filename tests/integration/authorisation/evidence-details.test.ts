import { beforeAll, expect, test } from "vitest";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph, put, sha256 } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
let owner: Person;
let verifier: Person;
let stranger: Person;
/** The id of a piece of evidence with a file, which the owner of the contribution submitted. */
let id: string;
const photo = photograph();
beforeAll(async () => {
  [owner, stranger] = [await platform.person(), await platform.person()];
  verifier = await platform.person(["verifier"]);
  const path = `/v1/contributions/${await contributionOf(owner)}`;
  const ticket = await owner.post(`${path}/uploads`, photo.declared);
  await put(ticket, photo.bytes);
  const submitted = await owner.post(`${path}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  id = String(submitted.json["id"]);
});

test("other members cannot see coordinates, witnesses and findings of evidence", async () => {
  expect((await stranger.get(`/v1/evidence/${id}`)).json["details"]).toBeNull();
});

test("other members cannot download the file of evidence", async () => {
  expect(problem(await stranger.get(`/v1/evidence/${id}/download`))).toBe("404 NOT_FOUND");
});

test("a verifier may download the original of evidence as an attachment", async () => {
  const granted = await verifier.get(`/v1/evidence/${id}/download`);
  const download = await fetch(String(granted.json["url"]));
  expect(sha256(new Uint8Array(await download.arrayBuffer()))).toBe(photo.declared.sha256);
  expect(download.headers.get("content-disposition")).toContain("attachment");
});

test("a download of evidence is written to the audit log", async () => {
  const reader = await platform.person(["verifier"]);
  await reader.get(`/v1/evidence/${id}/download`);
  const audited = await platform.sql`
    select 1 from audit_log where action = 'evidence.download' and target_id = ${id} and actor_id = ${reader.id}`;
  expect(audited).toHaveLength(1);
});

test("the audit log is append-only", async () => {
  await expect(platform.sql`delete from audit_log`).rejects.toThrow("append-only");
});
