import sharp from "sharp";
import { expect, test } from "vitest";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, put, sha256, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
const HOME = { lat: -6.9147, lon: 107.6098 }; // the place of the demo's photo
const MINUTE = 60_000;

async function gps(person: Person, contributionId: string, location: object, at = new Date()): Promise<string[]> {
  const answer = await person.post(`/v1/contributions/${contributionId}/evidence`, {
    evidence_type: "gps_verification",
    proof: { timestamp: at.toISOString(), location, accuracy_meters: 5 },
  });
  expect(answer.status, JSON.stringify(answer.json)).toBe(201);
  return codes(answer.json["details"]?.["findings"]);
}

function codes(findings: unknown): string[] {
  return Array.isArray(findings) ? findings.map((finding: { code: string }) => finding.code) : [];
}

async function photo(person: Person, contributionId: string, bytes: Uint8Array<ArrayBuffer>) {
  const declared = { file_name: "p", content_type: "image/jpeg", size_bytes: bytes.length, sha256: sha256(bytes) };
  const ticket = await person.post(`/v1/contributions/${contributionId}/uploads`, declared);
  expect((await put(ticket, bytes)).status).toBe(200);
  const submitted = await person.post(`/v1/contributions/${contributionId}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: new Date().toISOString(), media_hash: declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  const done = await until(
    () => person.get(`/v1/evidence/${String(submitted.json["id"])}`),
    (answer) => String(answer.json["status"]) !== "examining",
  );
  return {
    id: String(submitted.json["id"]),
    status: done.json["status"],
    codes: codes(done.json["details"]?.["findings"]),
  };
}

test("readings of a member at two contributions, 100 km apart within five minutes, get a finding; a plausible trip gets none", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const [first, second, third] = [
    await contributionOf(member),
    await contributionOf(member),
    await contributionOf(member),
  ];
  const now = Date.now();
  expect(await gps(member, first, HOME, new Date(now - 10 * MINUTE))).toEqual([]);
  expect(await gps(member, second, { lat: HOME.lat + 0.9, lon: HOME.lon }, new Date(now - 5 * MINUTE))).toEqual([
    "impossible_speed",
  ]);
  expect(await gps(other, second, { lat: HOME.lat + 0.9, lon: HOME.lon }, new Date(now - 5 * MINUTE))).toEqual([]);
  expect(await gps(member, third, HOME, new Date(now - 60 * 24 * MINUTE))).toEqual([]);
  // A GPS reading that is submitted late is compared with the readings before and after its own time.
  expect(await gps(member, third, { lat: HOME.lat - 2, lon: HOME.lon }, new Date(now - 11 * MINUTE))).toEqual([
    "impossible_speed",
  ]);
});

test("a GPS reading far from the place of an accepted picture gets a finding, whichever of both is submitted first", async () => {
  const member = await platform.person();
  const [readFirst, pictureFirst] = [await contributionOf(member), await contributionOf(member)];
  expect(await gps(member, readFirst, { lat: HOME.lat + 0.02, lon: HOME.lon })).toEqual([]);
  expect((await photo(member, readFirst, photograph().bytes)).codes).toContain("exif_place");
  await photo(member, pictureFirst, photograph().bytes);
  expect(await gps(member, pictureFirst, { lat: HOME.lat + 0.02, lon: HOME.lon })).toEqual(["exif_place"]);
});

test("two pictures of one contribution taken far apart get a finding", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const elsewhere = sharp({
    create: {
      width: 900,
      height: 700,
      channels: 3,
      background: "#357",
      noise: { type: "gaussian", mean: 128, sigma: 40 },
    },
  })
    .withExif({
      IFD3: { GPSLatitudeRef: "N", GPSLatitude: "51/1 30/1 0/1", GPSLongitudeRef: "W", GPSLongitude: "0/1 7/1 0/1" },
    })
    .jpeg({ quality: 95 });
  expect((await photo(member, contributionId, photograph().bytes)).codes).not.toContain("exif_place");
  expect((await photo(member, contributionId, photograph().bytes)).codes).not.toContain("exif_place");
  expect((await photo(member, contributionId, new Uint8Array(await elsewhere.toBuffer()))).codes).toContain(
    "exif_place",
  );
});

test("a near duplicate of another contribution's picture is accepted with a finding; one in the same contribution gets none", async () => {
  await platform.sql`update evidence set picture_tokens = null`;
  const [member, thief] = [await platform.person(), await platform.person()];
  const [mine, theirs, other] = [
    await contributionOf(member),
    await contributionOf(thief),
    await contributionOf(thief),
  ];
  const original = photograph();
  const first = await photo(member, mine, original.bytes);
  expect([first.status, first.codes]).toEqual(["accepted", []]);
  expect(await photo(member, mine, photograph().bytes)).toMatchObject({ status: "accepted", codes: [] });
  const smaller = new Uint8Array(await sharp(original.bytes).resize(900).jpeg({ quality: 88 }).toBuffer());
  const copied = await photo(thief, theirs, smaller);
  expect([copied.status, copied.codes]).toEqual(["accepted", ["near_duplicate"]]);
  for (const changed of [
    sharp(original.bytes).flop(),
    sharp(original.bytes).rotate(90),
    sharp(original.bytes).extend({ top: 40, bottom: 40, left: 40, right: 40, background: "#fff" }),
  ]) {
    const bytes = new Uint8Array(await changed.jpeg({ quality: 88 }).toBuffer());
    const again = await photo(thief, await contributionOf(thief), bytes);
    expect(again.codes).toEqual(["near_duplicate"]);
  }
  const verifier = await platform.person(["verifier"]);
  const seen = await verifier.get(`/v1/evidence/${copied.id}`);
  expect(JSON.stringify(seen.json["details"]?.["findings"])).toContain(first.id);
  const another = sharp({
    create: {
      width: 900,
      height: 700,
      channels: 3,
      background: "#888",
      noise: { type: "gaussian", mean: 128, sigma: 60 },
    },
  });
  const unlike = await photo(thief, other, new Uint8Array(await another.jpeg({ quality: 95 }).toBuffer()));
  expect([unlike.status, unlike.codes]).toEqual(["accepted", []]);
});

test("a picture whose EXIF time differs by five minutes gets a finding, and one taken at the claimed time does not", async () => {
  await platform.sql`update evidence set picture_tokens = null`;
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  const before = photograph(new Date(Date.now() - 5 * MINUTE)).bytes;
  expect((await photo(member, contributionId, before)).codes).toEqual(["exif_time"]);
  expect((await photo(member, contributionId, photograph().bytes)).codes).toEqual([]);
});

test("a witness with the contributor's name, in upper or lower case, gets a finding unless named by another member's id", async () => {
  const [owner, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  const name = String((await owner.get("/v1/me")).json["username"]);
  const attest = async (...witnesses: object[]) => {
    const answer = await other.post(`/v1/contributions/${contributionId}/evidence`, {
      evidence_type: "witness_attestation",
      proof: { timestamp: new Date().toISOString(), witnesses },
    });
    expect(answer.status).toBe(201);
    return codes(answer.json["details"]?.["findings"]);
  };
  expect(await attest({ witness_name: "Ibu Sari" }, { witness_name: name.toUpperCase() })).toEqual(["witness_name"]);
  expect(await attest({ witness_name: "Ibu Sari" })).toEqual([]);
  expect(await attest({ witness_name: name, witness_id: other.id })).toEqual([]);
});

test("pieces of evidence of one contribution more than a week apart get a finding", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  await gps(member, contributionId, HOME, new Date(Date.now() - 8 * 24 * 60 * MINUTE));
  expect(await gps(member, contributionId, HOME)).toEqual(["pieces_apart"]);
});

test("views of another member's evidence with details are audited; views of own evidence and rejected views are not", async () => {
  const [owner, helper, stranger] = [await platform.person(), await platform.person(), await platform.person()];
  const [verifier, admin] = [await platform.person(["verifier"]), await platform.person(["admin"])];
  const contributionId = await contributionOf(owner);
  await gps(helper, contributionId, HOME);
  const whole = await owner.get(`/v1/contributions/${contributionId}`);
  const evidenceId = String(whole.json["evidence"]?.[0]?.["id"]);
  for (const person of [owner, helper, stranger, verifier, admin]) {
    await person.get(`/v1/evidence/${evidenceId}`);
    await person.get(`/v1/contributions/${contributionId}`);
  }
  const traces =
    await platform.sql`select actor_id, target_id, details from audit_log where action = 'evidence.read' and target_id in (${evidenceId}, ${contributionId}) order by id`;
  expect(traces.map((row) => [row["actor_id"], row["target_id"]])).toEqual([
    [verifier.id, evidenceId],
    [verifier.id, contributionId],
    [admin.id, evidenceId],
    [admin.id, contributionId],
  ]);
  expect(traces[1]?.["details"]).toEqual({ evidence_ids: [evidenceId] });
});

test("at least one of two contradicting pieces of evidence that arrive concurrently gets the finding about the other", async () => {
  const london = { lat: 51.5, lon: -0.13 };
  for (let round = 0; round < 12; round += 1) {
    const member = await platform.person();
    const [first, second] = [await contributionOf(member), await contributionOf(member)];
    const monthAgo = new Date(Date.now() - 29 * 24 * 60 * MINUTE).toISOString();
    const [read, seen] = await Promise.all([
      gps(member, first, HOME),
      member.post(`/v1/contributions/${first}/evidence`, {
        evidence_type: "witness_attestation",
        proof: { timestamp: monthAgo, witnesses: [{ witness_name: "Ibu Sari" }] },
      }),
    ]);
    expect([...read, ...codes(seen.json["details"]?.["findings"])], `round ${round}`).toContain("pieces_apart");
    const traveller = await platform.person();
    const both = await Promise.all([gps(traveller, first, HOME), gps(traveller, second, london)]);
    expect(both.flat(), `round ${round}`).toContain("impossible_speed");
  }
});
