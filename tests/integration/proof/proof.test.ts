import { createHash, generateKeyPairSync, sign } from "node:crypto";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { resetAll } from "@gotong/core/platform/reset.ts";
import { Erasure } from "@gotong/core/domain/account/erasure/index.ts";
import { rootKey, sealDecided } from "@gotong/core/domain/proof/sealing.ts";
import { verify } from "@gotong/ops/verify.ts";
import { canonical, digest } from "../../../packages/client/src/proof-fields.ts";
import { verifyProof } from "../../../packages/client/src/proof.ts";
import { reading, samePhotoFor, submit } from "../../harness/evidence.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, until } from "../../harness/scenes.ts";
import { FALSIFICATIONS, type Json, SIGNED_FALSIFICATIONS, items, text } from "./falsify.ts";

const platform = usePlatform({ workers: true });
const DAY_MS = 86_400_000;
let restoreClock: (() => void) | undefined;
afterEach(() => {
  restoreClock?.();
  restoreClock = undefined;
});
const inDays = (days: number) => {
  restoreClock?.();
  restoreClock = Clock.set(() => new Date(Date.now() + days * DAY_MS));
};

interface Scene {
  readonly owner: Person;
  readonly witness: Person;
  readonly contributionId: string;
  readonly photo: Uint8Array<ArrayBuffer>;
}
let verifiers: readonly Person[];

/** Creates a contribution with a photo, a GPS reading and a witness, verified by three votes, with delivered events. */
async function decided(): Promise<Scene> {
  const [owner, witness] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  const { photo, uploads } = await samePhotoFor(owner, contributionId);
  const piece = await submit(owner, contributionId, uploads[0]);
  await submit(owner, contributionId, reading());
  const named = { witness_name: "Ibu Sari", witness_id: witness.id, statement: "The water runs again." };
  await owner.post(`/v1/contributions/${contributionId}/evidence`, {
    evidence_type: "witness_attestation",
    proof: { timestamp: new Date().toISOString(), witnesses: [named] },
  });
  const path = `/v1/evidence/${String(piece.json["id"])}`;
  const examined = await until(
    () => owner.get(path),
    ({ json }) => String(json["status"]) !== "examining",
  );
  expect(examined.json["status"]).toBe("accepted");
  for (const verifier of verifiers) {
    const vote = { outcome: "approved", notes: "Seen on site." };
    expect((await verifier.post(`/v1/contributions/${contributionId}/verifications`, vote)).status).toBe(201);
  }
  const subject = `contribution:${contributionId}`;
  await until(
    () => platform.sql`select 1 from webhook_events where subject = ${subject} and status = 'pending'`,
    (rows) => rows.length === 0,
  );
  return { owner, witness, contributionId, photo: photo.bytes };
}

/** Whether a contribution is in a signed tree, possibly because a sweep of the workers has sealed it. */
const isSealed = async ({ contributionId }: Scene): Promise<boolean> => {
  const rows = await platform.sql`select 1 from proof_seals where contribution_id = ${contributionId}`;
  return rows.length === 1;
};
const proofOf = async (person: Person, { contributionId }: Scene): Promise<Answer> =>
  person.get(`/v1/contributions/${contributionId}/proof`);
const copyOf = (answer: Answer): Json => JSON.parse(JSON.stringify(answer.json));
const keys = async () => copyOf(await platform.request("GET", "/.well-known/gotong-proof-keys.json"));
const codes = (report: Awaited<ReturnType<typeof verifyProof>>) => report.problems.map(({ code }) => code);

let scenes: readonly Scene[];
let sealed: Scene;
beforeAll(async () => {
  verifiers = [
    await platform.person(["verifier"]),
    await platform.person(["verifier"]),
    await platform.person(["verifier"]),
  ];
  scenes = [await decided(), await decided(), await decided()];
  inDays(1);
  await sealDecided();
  expect(await sealDecided()).toBe(0);
  for (const scene of scenes) expect(await isSealed(scene)).toBe(true);
  restoreClock?.();
  const last = scenes.at(-1);
  if (!last) throw new Error("no scene");
  sealed = last;
}, 300_000);

test("a proof links contribution, evidence, file, witness, votes and events, and is valid with its key and original file", async () => {
  const answer = await proofOf(sealed.owner, sealed);
  expect(answer.status).toBe(200);
  const report = await verifyProof(answer.json, {
    keys: await keys(),
    originals: [{ name: "drain.jpg", bytes: sealed.photo.buffer }],
  });
  expect(report.problems).toEqual([]);
  expect(report).toMatchObject({ isValid: true, isKeyKnown: true, sealedAt: expect.any(String) });
  expect(report.originals[0]?.evidenceId).toEqual(expect.any(String));
  const kinds = items(copyOf(answer)["links"]).map((link) => text(link["kind"]));
  expect(kinds.join(" ")).toBe(
    "contribution evidence evidence evidence witness vote vote vote event event event event",
  );
});

test.each(FALSIFICATIONS)("verifyProof() finds, from the file of a proof alone, %s", async (_what, code, change) => {
  const proof = copyOf(await proofOf(sealed.owner, sealed));
  const link = change(proof);
  const { isValid, problems } = await verifyProof(proof);
  expect(isValid).toBe(false);
  expect(problems).toContainEqual(expect.objectContaining({ code, ...(link === undefined ? {} : { link }) }));
});

test.each([
  [
    "a changed pixel",
    (file: Buffer) => Buffer.concat([file.subarray(0, 2000), Buffer.of(file[2000] === 0 ? 1 : 0), file.subarray(2001)]),
  ],
  ["an additional byte", (file: Buffer) => Buffer.concat([file, Buffer.of(0)])],
  ["a missing byte", (file: Buffer) => file.subarray(0, -1)],
  [
    "its metadata removed",
    (file: Buffer) => Buffer.concat([file.subarray(0, 2), file.subarray(4 + file.readUInt16BE(4))]),
  ],
  ["no content", () => Buffer.alloc(0)],
])("verifyProof() reports that an original with %s is not the file of its link", async (_what, change) => {
  const proof = copyOf(await proofOf(sealed.owner, sealed));
  const bytes = new Uint8Array(change(Buffer.from(sealed.photo))).buffer;
  const { isValid, problems } = await verifyProof(proof, { originals: [{ name: "drain.jpg", bytes }] });
  expect([isValid, problems]).toEqual([
    false,
    [
      expect.objectContaining({
        code: "ORIGINAL_UNKNOWN",
        link: 1,
        message: expect.stringContaining("drain.jpg is not the file of link 1"),
      }),
    ],
  ]);
});

test("verifyProof() reports an unrelated file, an unknown key, a root that differs from the stored one, and malformed input", async () => {
  const proof = copyOf(await proofOf(sealed.owner, sealed));
  const other = { name: "other.jpg", bytes: new TextEncoder().encode("other").buffer };
  expect(codes(await verifyProof(proof, { originals: [other] }))).toEqual(["ORIGINAL_UNKNOWN"]);
  expect(codes(await verifyProof(proof, { keys: { keys: [] } }))).toEqual(["KEY_UNKNOWN", "KEY_UNKNOWN"]);
  const kept: unknown = JSON.parse(Buffer.from(await Storage.read(rootKey(1), undefined)).toString());
  expect(await verifyProof(proof, { roots: [kept] })).toMatchObject({ isValid: true });
  const rewritten = { ...proof["inclusion"]?.["root"], size: 4 };
  expect(codes(await verifyProof(proof, { roots: [rewritten] }))).toEqual(["ROOT_DIFFERS"]);
  for (const nothing of [null, 7, "x", [], {}, { format: "gotong-proof/1" }])
    expect(codes(await verifyProof(nothing))).toEqual(["MALFORMED"]);
});

test("verifyProof() detects sealed data that an operator has changed in the database, although the platform signs the proof", async () => {
  const [scene, other] = scenes;
  if (!scene || !other) throw new Error("no scene");
  await platform.sql`update proof_seals set links = links - (jsonb_array_length(links) - 1) where contribution_id = ${scene.contributionId}`;
  expect(codes(await verifyProof((await proofOf(scene.owner, scene)).json))).toContain("NOT_IN_TREE");
  await platform.sql`update contributions set title = 'Another title' where id = ${other.contributionId}`;
  expect(codes(await verifyProof((await proofOf(other.owner, other)).json))).toEqual(["DISCLOSURE_CHANGED"]);
});

test("only members with a part in the contribution get its proof, and a witness sees no texts of the evidence", async () => {
  const stranger = await platform.person();
  expect((await proofOf(stranger, sealed)).status).toBe(403);
  const seen = async (person: Person) => {
    const proof = copyOf(await proofOf(person, sealed));
    expect(await verifyProof(proof)).toMatchObject({ isValid: true });
    return items(proof["disclosures"]).map((one) => text(one["name"]));
  };
  const all = ["texts", "details", "details", "details", "statement", "notes", "notes", "notes"];
  expect(await seen(sealed.owner)).toEqual(all);
  expect(await seen(verifiers[0] ?? sealed.owner)).toEqual(all);
  expect(await seen(sealed.witness)).toEqual(["texts", "notes", "notes", "notes"]);
  const [audited] =
    await platform.sql`select count(*)::int as n from audit_log where action = 'contribution.proof' and actor_id = ${sealed.witness.id}`;
  expect(audited?.["n"]).toBe(1);
});

test("a proof that is not sealed yet is valid and states no sealing time; a pending event delays sealing by at most a week", async () => {
  const scene = await decided();
  const report = await verifyProof((await proofOf(scene.owner, scene)).json);
  expect(report).toMatchObject({ isValid: true, problems: [] });
  expect(report.sealedAt).toBeUndefined();
  await platform.sql`update webhook_events set status = 'pending', delivered_at = null where subject = ${`contribution:${scene.contributionId}`} and sequence = 1`;
  inDays(2);
  expect(await sealDecided()).toBe(0);
  expect(await isSealed(scene)).toBe(false);
  inDays(9);
  await sealDecided();
  expect(await isSealed(scene)).toBe(true);
  restoreClock?.();
  const [first, second] = await platform.sql`select document from proof_roots order by number limit 2`;
  expect(first?.["document"]).toMatchObject({ previous: null, size: scenes.length });
  expect(second?.["document"]).toMatchObject({ previous: expect.stringMatching(/^[0-9a-f]{64}$/), size: 1 });
});

test("after the deletion of an account its proofs stay valid, and disclose nothing of the member", async () => {
  const scene = await decided();
  inDays(20); // later than the root that the previous test has made
  await sealDecided();
  expect(await isSealed(scene)).toBe(true);
  restoreClock?.();
  const [verifier] = verifiers;
  if (!verifier) throw new Error("no verifier");
  expect((await scene.owner.send("DELETE", "/v1/me", { password: scene.owner.password })).status).toBe(204);
  restoreClock = Clock.set(() => new Date(Date.now() + 11 * 60_000));
  const work = () => Actor.run({ type: "system", name: "test" }, Id.uuid(), () => Erasure.work(scene.owner.id));
  await until(work, (state) => state === "done");
  const answer = await proofOf(verifier, scene);
  const report = await verifyProof(answer.json, { originals: [{ name: "p", bytes: scene.photo.buffer }] });
  expect(report).toMatchObject({ isValid: true, problems: [] });
  const proof = copyOf(answer);
  expect(items(proof["disclosures"])).toEqual([]);
  const changes = items(proof["links"]).filter((link) => text(link["kind"]) === "change");
  expect(changes.map((link) => link["body"]?.["erased_at"])).toEqual(Array(3).fill(expect.any(String)));
});

test("verify() compares the signed metadata with the original file and names each field that differs, such as the camera", async () => {
  const scene = await decided();
  const dir = await mkdtemp(join(tmpdir(), "gotong-proof-"));
  const [original, key] = [join(dir, "drain.jpg"), join(dir, "keys.json")];
  await writeFile(original, scene.photo);
  await writeFile(key, JSON.stringify(await keys()));
  const verified = async () => {
    const file = join(dir, "proof.json");
    await writeFile(file, JSON.stringify(copyOf(await proofOf(scene.owner, scene))));
    return verify(file, { original: [original], key });
  };
  expect(await verified()).toMatchObject({
    isAlarming: false,
    data: { problems: [], originals: [{ isCompared: true }] },
  });
  const { sql } = platform;
  const [piece] = await sql<{ id: string; exif: string; upload_id: string; size: string; type: string }[]>`
    select e.id, e.exif::text as exif, u.id as upload_id, u.size_bytes as size, u.content_type as type from evidence e
    join uploads u on u.id = e.upload_id where e.contribution_id = ${scene.contributionId}`;
  if (!piece) throw new Error("no piece");
  const store = async (exif: object | null, { size_bytes = Number(piece.size), content_type = piece.type } = {}) => {
    await sql`update evidence set exif = ${exif && JSON.stringify(exif)}::text::jsonb where id = ${piece.id}`;
    await sql`update uploads set ${sql({ size_bytes, content_type })} where id = ${piece.upload_id}`;
  };
  const read: object = JSON.parse(piece.exif);
  for (const [what, field, { exif, upload }] of SIGNED_FALSIFICATIONS) {
    const changed = Object.entries({ ...read, ...exif }).filter(([, value]) => value !== null);
    await store(Object.fromEntries(changed), upload);
    const { isAlarming, data, text: printed } = await verified();
    expect([isAlarming, printed], what).toEqual([true, expect.stringContaining(`differs from drain.jpg: ${field} is`)]);
    const problem: unknown = expect.objectContaining({ code: "READING_DIFFERS", link: 1 });
    expect(data, what).toMatchObject({ problems: expect.arrayContaining([problem]) });
  }
  await store(null);
  expect((await verified()).text).toContain("differs from drain.jpg: camera is null in the proof");
  await store(read);
  expect(await verified()).toMatchObject({ isAlarming: false });
});

test("a proof signed with a former key stays valid, and the well-known address lists both keys", async () => {
  const former = copyOf(await proofOf(sealed.owner, sealed));
  Config.use({ ...platform.variables, PROOF_KEY: "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0" });
  resetAll();
  const present = copyOf(await proofOf(sealed.owner, sealed));
  const both = await keys();
  expect(both["keys"]).toHaveLength(2);
  for (const proof of [former, present])
    expect(await verifyProof(proof, { keys: both })).toMatchObject({ isValid: true, isKeyKnown: true });
  expect(text(former["key"]?.["id"])).not.toBe(text(present["key"]?.["id"]));
});

test("gotong verify prints whether a proof is valid, and which link is broken", async () => {
  const dir = await mkdtemp(join(tmpdir(), "gotong-proof-"));
  const written = async (name: string, content: string | Uint8Array) => {
    await writeFile(join(dir, name), content);
    return join(dir, name);
  };
  const proof = copyOf(await proofOf(sealed.owner, sealed));
  const original = [await written("drain.jpg", sealed.photo)];
  const key = await written("keys.json", JSON.stringify(await keys()));
  const good = await verify(await written("proof.json", JSON.stringify(proof)), { original, key });
  expect(good).toMatchObject({ isAlarming: false, text: expect.stringContaining("drain.jpg is the evidence") });
  FALSIFICATIONS[0]?.[2](proof);
  const bad = await verify(await written("bad.json", JSON.stringify(proof)), {});
  expect(bad).toMatchObject({ isAlarming: true, text: expect.stringContaining("LINK_CHANGED: Link 0 (contribution") });
});

/** Changes of the file's text, as made with an editor, and the output of `gotong verify` for each. */
const TEXT_FALSIFICATIONS: readonly (readonly [what: string, says: string, change: (proof: string) => string])[] = [
  [
    "a vote that is stated twice",
    'the field "outcome" occurs twice',
    (proof) => proof.replace('"outcome":', '"outcome":"rejected","outcome":'),
  ],
  [
    "a name that is stated twice, once in another spelling",
    "occurs twice",
    (proof) => proof.replace('"made_at":', '"made\\u005fat":"2020-01-01T00:00:00.000Z","made_at":'),
  ],
  [
    "a size with more digits than are compared",
    "has more digits",
    (proof) => proof.replace(/"size_bytes":(\d+)/, '"size_bytes":$1.0000000000000000001'),
  ],
  ["a file that was cut", "is no valid JSON file", (proof) => proof.slice(0, -100)],
  ["two proofs in one file", "is no valid JSON file", (proof) => proof + proof],
  [
    "a verdict that nothing signs",
    "verdict is no field of a proof",
    (proof) => proof.replace("{", '{"verdict":"genuine",'),
  ],
  [
    "a field beside the place in the tree",
    "inclusion.note is no field",
    (proof) => proof.replace('"inclusion":{', '"inclusion":{"note":1,'),
  ],
  [
    "a field beside a text",
    "disclosures.0.note is no field",
    (proof) => proof.replace('"disclosures":[{', '"disclosures":[{"note":1,'),
  ],
];

test("gotong verify detects falsifications in the text of a proof, and a proof of another contribution", async () => {
  const file = join(await mkdtemp(join(tmpdir(), "gotong-proof-")), "proof.json");
  const said = async (content: string, options: object = {}) => {
    await writeFile(file, content);
    return verify(file, options).then(
      ({ isAlarming, text: printed }) => (isAlarming ? printed : `VALID ${printed}`),
      (error: unknown) => String(error),
    );
  };
  const proof = JSON.stringify(copyOf(await proofOf(sealed.owner, sealed)));
  for (const [what, says, change] of TEXT_FALSIFICATIONS) {
    expect(change(proof), what).not.toBe(proof);
    expect(await said(change(proof)), what).toEqual(expect.stringContaining(says));
    expect(await said(change(proof)), what).not.toMatch(/^VALID/);
  }
  expect(await said(proof, { contribution: sealed.contributionId })).toContain(`VALID valid: `);
  expect(await said(proof)).toContain(`about the contribution ${sealed.contributionId}`);
  const other = "0198c0de-0000-7000-8000-000000000009";
  expect(await said(proof, { contribution: other })).toContain(
    `OTHER_CONTRIBUTION: This proof is about the contribution ${sealed.contributionId}`,
  );
});

test("gotong verify reports a proof signed by an unknown key; without given keys, it states that any key could have signed", async () => {
  const dir = await mkdtemp(join(tmpdir(), "gotong-proof-"));
  const proof = copyOf(await proofOf(sealed.owner, sealed));
  let previous = "0".repeat(64);
  for (const link of items(proof["links"])) {
    if (text(link["kind"]) === "vote") Object.assign(link["body"] ?? {}, { outcome: "rejected" });
    Object.assign(link, { previous });
    previous = await digest(Object.fromEntries(Object.entries(link).filter(([name]) => name !== "hash")));
    Object.assign(link, { hash: previous });
  }
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  const id = createHash("sha256").update(raw).digest("hex").slice(0, 16);
  const signed = {
    format: proof["format"],
    contribution_id: proof["contribution_id"],
    made_at: proof["made_at"],
    sealed_links: 0,
    head: previous,
  };
  const signature = sign(null, Buffer.from(canonical(signed)), privateKey);
  const forged = {
    ...proof,
    sealed_links: 0,
    inclusion: null,
    key: { id, public_key: raw.toString("base64url") },
    signature: signature.toString("base64url"),
  };
  const [file, key] = [join(dir, "proof.json"), join(dir, "keys.json")];
  await writeFile(file, JSON.stringify(forged));
  await writeFile(key, JSON.stringify(await keys()));
  expect(await verify(file, { key })).toMatchObject({ isAlarming: true, text: expect.stringContaining("KEY_UNKNOWN") });
  expect((await verify(file, {})).text).toContain("anybody could have signed it");
});
