import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import { examine } from "@gotong/core/domain/evidence/examine.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { reading, submit, submitPhoto } from "../../harness/evidence.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf } from "../../harness/scenes.ts";

// The platform starts no workers, since each test itself examines the uploaded pictures.
const platform = usePlatform({ workers: false });
let restore = (): void => undefined;
afterEach(() => restore());

const examineAsSystem = (id: string) => Actor.run({ type: "system", name: "test" }, Id.uuid(), () => examine(id));

/** The thumbnail that `person` gets in the single piece, in the list, in the contribution, and by its own route. */
async function views(person: Person, contributionId: string, id: string): Promise<unknown[]> {
  const piece = await person.get(`/v1/evidence/${id}`);
  const list = await person.get(`/v1/contributions/${contributionId}/evidence`);
  const whole = await person.get(`/v1/contributions/${contributionId}`);
  const answer = await person.get(`/v1/evidence/${id}/thumbnail`);
  return [
    piece.json["thumbnail"],
    list.json["data"]?.[0]?.["thumbnail"],
    whole.json["evidence"]?.[0]?.["thumbnail"],
    answer.status,
  ];
}

const SEEN = (id: string) => [...Array.from({ length: 3 }, () => `/v1/evidence/${id}/thumbnail`), 200];
const UNSEEN = [null, null, null, 404];

test("every member can see the thumbnail of an accepted picture, which is a small JPEG without metadata", async () => {
  const [owner, stranger] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(owner);
  const id = await submitPhoto(owner, contributionId);
  for (const person of [owner, stranger]) expect(await views(person, contributionId, id)).toEqual(UNSEEN);
  expect(await examineAsSystem(id)).toBe("accepted");
  for (const person of [owner, stranger]) expect(await views(person, contributionId, id)).toEqual(SEEN(id));
  const { json } = await stranger.get(`/v1/evidence/${id}/thumbnail`);
  const picture = await fetch(String(json["url"]));
  expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/jpeg"]);
  const { width, height, exif, xmp, iptc, icc } = await sharp(Buffer.from(await picture.arrayBuffer())).metadata();
  expect(Math.max(width, height)).toBeLessThanOrEqual(320);
  expect([exif, xmp, iptc, icc]).toEqual([undefined, undefined, undefined, undefined]);
});

test("the thumbnail of evidence that awaits consent or is withdrawn is visible only with the details of the evidence", async () => {
  const [owner, helper, stranger] = [await platform.person(), await platform.person(), await platform.person()];
  const verifier = await platform.person(["verifier"]);
  const contributionId = await contributionOf(owner);
  const id = await submitPhoto(helper, contributionId);
  expect(await examineAsSystem(id)).toBe("awaiting_consent");
  for (const person of [owner, helper, verifier]) expect(await views(person, contributionId, id)).toEqual(SEEN(id));
  expect(await views(stranger, contributionId, id)).toEqual(UNSEEN);
  await helper.post(`/v1/evidence/${id}/withdraw`);
  for (const person of [helper, verifier]) expect(await views(person, contributionId, id)).toEqual(SEEN(id));
  for (const person of [owner, stranger]) expect(await views(person, contributionId, id)).toEqual(UNSEEN);
});

test("a hidden picture has no thumbnail for verifiers, and a GPS reading has no thumbnail for any member", async () => {
  const [owner, verifier] = [await platform.person(), await platform.person(["verifier"])];
  const admin = await platform.person(["admin"]);
  const contributionId = await contributionOf(owner);
  const id = await submitPhoto(owner, contributionId);
  await examineAsSystem(id);
  await admin.post(`/v1/admin/evidence/${id}/hide`, { reason: "It shows a child." });
  expect(problem(await verifier.get(`/v1/evidence/${id}/thumbnail`))).toBe("404 NOT_FOUND");
  const read = String((await submit(owner, contributionId, reading())).json["id"]);
  expect((await owner.get(`/v1/evidence/${read}`)).json["thumbnail"]).toBeNull();
  expect(problem(await owner.get(`/v1/evidence/${read}/thumbnail`))).toBe("404 NOT_FOUND");
});

test("the URL of a thumbnail stays the same for half an hour, and clients may cache the response until the URL changes", async () => {
  const owner = await platform.person();
  const id = await submitPhoto(owner, await contributionOf(owner));
  await examineAsSystem(id);
  const halfHour = 1_800_000;
  const begin = Math.floor(Date.now() / halfHour) * halfHour;
  const asked = async (secondsAfter: number) => {
    restore = Clock.set(() => new Date(begin + secondsAfter * 1000));
    const member = await platform.person(); // a new member, since an access token expires after 15 minutes of this clock
    const response = await platform.raw("GET", `/v1/evidence/${id}/thumbnail`, { token: member.token });
    const { url, expires_at }: Record<string, unknown> = JSON.parse(await response.text());
    const varies = response.headers.get("vary")?.toLowerCase().includes("authorization");
    restore();
    return [url, expires_at, response.headers.get("cache-control"), varies];
  };
  const until = new Date(begin + 2 * halfHour).toISOString();
  const first = await asked(1);
  expect(first.slice(1)).toEqual([until, "private, max-age=1799", true]);
  expect(await asked(500)).toEqual([first[0], until, "private, max-age=1300", true]);
  expect((await asked(1_900))[0]).not.toBe(first[0]);
});
