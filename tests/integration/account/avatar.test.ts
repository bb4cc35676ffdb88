import sharp from "sharp";
import { afterEach, expect, test } from "vitest";
import { Erasure } from "@gotong/core/domain/account/erasure/index.ts";
import { examine } from "@gotong/core/domain/avatar/examine.ts";
import { AvatarQueue } from "@gotong/core/domain/avatar/queue.ts";
import { Retention } from "@gotong/core/domain/retention.ts";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { put, sha256 } from "../../harness/scenes.ts";

// The platform starts no workers, since each test itself examines the uploaded pictures.
const platform = usePlatform({ workers: false });
let restore = (): void => undefined;
afterEach(() => restore());

type Bytes = Uint8Array<ArrayBuffer>;
const asSystem = <T>(work: () => Promise<T>) => Actor.run({ type: "system", name: "test" }, Id.uuid(), work);
const later = (seconds: number) => {
  restore();
  restore = Clock.set(() => new Date(Date.now() + seconds * 1000));
};

/** A picture that is red on its left and blue on its right half, taken with a camera that was turned by 90 degrees. */
async function picture(width = 600, height = 300): Promise<Bytes> {
  const half = { create: { width: width / 2, height, channels: 3 as const, background: "#f00" } };
  const bytes = await sharp({ create: { width, height, channels: 3, background: "#00f" } })
    .composite([{ input: await sharp(half).png().toBuffer(), left: 0, top: 0 }])
    .withExif({ IFD0: { Make: "Canary" } })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 90 })
    .toBuffer();
  return new Uint8Array(bytes);
}

const declaredOf = (bytes: Bytes, content_type = "image/jpeg") => ({
  content_type,
  size_bytes: bytes.length,
  sha256: sha256(bytes),
});

async function upload(member: Person, bytes: Bytes, content_type?: string): Promise<Answer> {
  const ticket = await member.post("/v1/me/avatar/uploads", declaredOf(bytes, content_type));
  expect(ticket.status, JSON.stringify(ticket.json)).toBe(201);
  expect((await put(ticket, bytes)).status).toBe(200);
  return ticket;
}

/**
 * Uploads a picture, sets it as the member's profile picture, and examines it.
 * @returns the response to the upload request, the upload's id, and the result of the examination
 */
async function given(member: Person, bytes: Bytes, content_type?: string) {
  const ticket = await upload(member, bytes, content_type);
  const id = String(ticket.json["upload_id"]);
  const set = await member.send("PUT", "/v1/me/avatar", { upload_id: id });
  expect([set.status, set.json["status"]]).toEqual([202, "examining"]);
  return { ticket, id, result: await asSystem(() => examine(id)) };
}

const urlOf = async (member: Person) => (await member.get("/v1/me")).json["avatar_url"];
const statusOf = async (path: unknown) => (await platform.request("GET", String(path))).status;

async function originals(): Promise<string[]> {
  const { sdk, client } = await Storage.open();
  const { Contents = [] } = await client.send(
    new sdk.ListObjectsV2Command({ Bucket: platform.variables["S3_BUCKET"], Prefix: "avatars/" }),
  );
  return Contents.map(({ Key }) => Key ?? "");
}
const originalOf = async (id: string) => (await originals()).filter((key) => key.includes(id)).length;

test("a profile picture becomes an upright square WebP without metadata beside the member's name; its original is erased", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  await member.post("/v1/tasks", taskInput());
  const creator = async () => (await other.get(`/v1/tasks?creator=${member.id}`)).json["data"]?.[0]?.["creator"];
  expect(await creator()).toMatchObject({ avatar_url: null });
  const { id, result } = await given(member, await picture());
  expect(result).toBe("accepted");
  const url = await urlOf(member);
  expect(url).toMatch(/^\/v1\/avatars\/[0-9a-f]{64}$/);
  expect(await creator()).toMatchObject({ avatar_url: url }); // the list was in the cache, and was invalidated
  expect((await other.get(`/v1/users/${member.id}`)).json["avatar_url"]).toBe(url);
  expect((await member.get("/v1/me/avatar")).json).toEqual({
    avatar_url: url,
    status: "accepted",
    refusal: null,
    hidden: null,
  });

  const answer = await platform.raw("GET", String(url), { headers: { accept: "image/avif,image/webp,*/*;q=0.8" } });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "image/webp",
    "cache-control": "public, max-age=86400, s-maxage=3600, immutable",
    "cross-origin-resource-policy": "cross-origin",
    "x-content-type-options": "nosniff",
    etag: expect.stringMatching(/^W\//),
  });
  const bytes = Buffer.from(await answer.arrayBuffer());
  const { format, width, height, exif, xmp, icc } = await sharp(bytes).metadata();
  expect([format, width, height, exif, xmp, icc]).toEqual(["webp", 256, 256, undefined, undefined, undefined]);
  expect(bytes.includes("Canary")).toBe(false);
  const pixels = await sharp(bytes).removeAlpha().raw().toBuffer();
  const at = (y: number) => [...pixels.subarray((y * 256 + 128) * 3, (y * 256 + 128) * 3 + 3)];
  // The red left half of the stored pixels becomes the upper half of the upright picture.
  expect([at(20)[0], at(235)[2]].every((value) => (value ?? 0) > 200)).toBe(true);
  expect([at(20)[2], at(235)[0]].every((value) => (value ?? 255) < 60)).toBe(true);
  expect(await originalOf(id)).toBe(0);
  const again = await platform.raw("GET", String(url), {
    headers: { "if-none-match": answer.headers.get("etag") ?? "" },
  });
  expect([again.status, again.headers.get("cache-control")]).toEqual([304, answer.headers.get("cache-control")]);
  await member.send("DELETE", "/v1/me/avatar");
  expect(await creator()).toMatchObject({ avatar_url: null });
});

test("a new profile picture has a new file name and replaces the former picture; a removed picture is no longer available", async () => {
  const member = await platform.person();
  await given(member, await picture());
  const first = await urlOf(member);
  const bytes = await picture();
  const ticket = await upload(member, bytes);
  await member.send("PUT", "/v1/me/avatar", { upload_id: ticket.json["upload_id"] });
  expect(await urlOf(member)).toBe(first); // the former picture stays during the examination
  await asSystem(() => examine(String(ticket.json["upload_id"])));
  const second = await urlOf(member);
  expect(second).not.toBe(first); // the name contains the upload's id, so the same file gets another name
  expect([await statusOf(first), await statusOf(second)]).toEqual([404, 200]);

  const third = await upload(member, bytes);
  await member.send("PUT", "/v1/me/avatar", { upload_id: third.json["upload_id"] });
  expect((await member.send("DELETE", "/v1/me/avatar")).status).toBe(204);
  expect(await asSystem(() => examine(String(third.json["upload_id"])))).toBe("unchanged");
  expect([await urlOf(member), await statusOf(second)]).toEqual([null, 404]);
  expect(await originalOf(String(third.json["upload_id"]))).toBe(0);
  expect((await member.get("/v1/me/avatar")).json).toMatchObject({ status: "none", avatar_url: null });
  expect((await member.send("DELETE", "/v1/me/avatar")).status).toBe(204);
});

test("a profile picture whose file is not an image is refused with a translated reason, and the former picture stays", async () => {
  const member = await platform.person();
  await given(member, await picture());
  const url = await urlOf(member);
  const refusal = async (bytes: Bytes, type?: string) => {
    const { id, result } = await given(member, bytes, type);
    expect([result, await originalOf(id), await urlOf(member)]).toEqual(["refused", 0, url]);
    const { json } = await member.get("/v1/me/avatar", { "accept-language": "id" });
    expect(json["status"]).toBe("refused");
    return json["refusal"];
  };
  const whole = await picture();
  expect(await refusal(await picture(100, 60))).toEqual({
    code: "PICTURE_TOO_SMALL",
    detail: "Gambar harus memiliki paling sedikit 64×64 piksel.",
  });
  expect(await refusal(whole.slice(0, whole.length - 200))).toMatchObject({ code: "UNDECODABLE" });
  expect(await refusal(whole, "image/png")).toMatchObject({ code: "TYPE_MISMATCH" });
  await member.send("DELETE", "/v1/me/avatar");
  expect((await member.get("/v1/me/avatar")).json).toMatchObject({ status: "none", refusal: null });
});

test("a profile picture must be a JPEG, PNG or WebP of at most 2 MB, and a member may request ten uploads a day", async () => {
  const member = await platform.person();
  const ask = (change: object) =>
    member.post("/v1/me/avatar/uploads", { ...declaredOf(new Uint8Array(1000)), ...change });
  for (const [field, value] of [
    ["size_bytes", 2 * 1024 * 1024 + 1],
    ["content_type", "image/heic"],
    ["content_type", "image/svg+xml"],
    ["sha256", "x"],
  ] as const) {
    expect(problem(await ask({ [field]: value }))).toMatch(new RegExp(`^400 VALIDATION_FAILED ${field}:`));
  }
  const statuses = await Promise.all(Array.from({ length: 12 }, async () => (await ask({})).status));
  expect(statuses.toSorted((a, b) => a - b)).toEqual([...Array.from({ length: 10 }, () => 201), 429, 429]);
});

test("a member can set a profile picture only from an upload of their own whose file exists, and only once", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const set = async (person: Person, id: unknown) =>
    problem(await person.send("PUT", "/v1/me/avatar", { upload_id: id }));
  const bytes = await picture();
  const missing = await member.post("/v1/me/avatar/uploads", declaredOf(bytes));
  expect(await set(member, missing.json["upload_id"])).toBe("422 UPLOAD_MISSING");
  const { json } = await upload(member, bytes);
  expect(await set(other, json["upload_id"])).toBe("400 VALIDATION_FAILED upload_id:unknown_reference");
  const id = String(json["upload_id"]);
  for (const change of [{ size_bytes: bytes.length + 1 }, { content_type: "image/png" }]) {
    await platform.sql`update avatars set ${platform.sql(change)} where id = ${id}`;
    expect(await set(member, id)).toBe("422 UPLOAD_MISMATCH");
    await platform.sql`update avatars set size_bytes = ${bytes.length}, content_type = 'image/jpeg' where id = ${id}`;
  }
  const choices = Array.from({ length: 4 }, () => member.send("PUT", "/v1/me/avatar", { upload_id: id }));
  const statuses = (await Promise.all(choices)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([202, 409, 409, 409]);
  expect(await set(member, id)).toBe("409 UPLOAD_ALREADY_USED");
  await asSystem(() => examine(id));
  expect(await set(member, id)).toBe("409 UPLOAD_ALREADY_USED"); // its original is erased
});

test("the status of a profile picture describes the picture that was set last, even if another upload was requested later", async () => {
  const member = await platform.person();
  const [first, second] = [await upload(member, await picture()), await upload(member, await picture(100, 60))];
  const step = async ({ json }: Answer) => {
    await member.send("PUT", "/v1/me/avatar", { upload_id: json["upload_id"] });
    const before = (await member.get("/v1/me/avatar")).json["status"];
    await asSystem(() => examine(String(json["upload_id"])));
    return [before, (await member.get("/v1/me/avatar")).json["status"]];
  };
  expect(await step(second)).toEqual(["examining", "refused"]);
  expect(await step(first)).toEqual(["examining", "accepted"]);
  const [third, fourth] = [await upload(member, await picture()), await upload(member, await picture())];
  for (const { json } of [third, fourth]) await member.send("PUT", "/v1/me/avatar", { upload_id: json["upload_id"] });
  expect(await asSystem(() => examine(String(third.json["upload_id"])))).toBe("unchanged"); // the fourth replaced it
  expect(await asSystem(() => examine(String(fourth.json["upload_id"])))).toBe("accepted");
});

test("a hidden profile picture is shown to no member, its member reads the reason, and a report of it resolves as hidden", async () => {
  const [member, other, admin] = [await platform.person(), await platform.person(), await platform.person(["admin"])];
  const hide = (id: string) => admin.post(`/v1/admin/users/${id}/avatar/hide`, { reason: "It shows a child." });
  expect(problem(await hide(member.id))).toBe("404 NOT_FOUND");
  await given(member, await picture());
  await given(admin, await picture());
  expect(problem(await hide(admin.id))).toBe("403 FORBIDDEN");
  const url = await urlOf(member);
  const reported = await other.post(`/v1/users/${member.id}/reports`, { reason: "privacy" });
  const resolve = () => admin.post(`/v1/admin/reports/${String(reported.json["id"])}/resolve`, { outcome: "hidden" });
  expect(problem(await resolve())).toBe("422 RULE_VIOLATED");

  expect((await hide(member.id)).json["avatar_url"]).toBeNull();
  expect([await urlOf(member), await statusOf(url)]).toEqual([null, 404]);
  expect((await other.get(`/v1/users?ids=${member.id}`)).json["data"]?.[0]).toMatchObject({ avatar_url: null });
  expect((await member.get("/v1/me/avatar")).json).toMatchObject({
    avatar_url: null,
    hidden: { reason: "It shows a child." },
  });
  expect((await member.get("/v1/notifications")).json["data"]?.[0]).toMatchObject({ kind: "content_hidden" });
  expect((await resolve()).status).toBe(200);

  expect((await admin.post(`/v1/admin/users/${member.id}/avatar/unhide`)).json["avatar_url"]).toBe(url);
  expect([await urlOf(member), await statusOf(url)]).toEqual([url, 200]);
  await hide(member.id);
  await given(member, await picture());
  expect((await member.get("/v1/me/avatar")).json).toMatchObject({ status: "accepted", hidden: null });
  expect(await statusOf(await urlOf(member))).toBe(200);
  const { json } = await admin.get(`/v1/admin/audit-log?target=${member.id}`);
  expect(JSON.stringify(json)).toMatch(/avatar\.hide.*avatar\.unhide|avatar\.unhide.*avatar\.hide/);
});

test("the export contains the profile picture, and the deletion of the account erases the picture and its original", async () => {
  const member = await platform.person();
  await given(member, await picture());
  const url = await urlOf(member);
  const unused = await upload(member, await picture());
  const shown = Buffer.from(await (await platform.raw("GET", String(url))).arrayBuffer());
  const { json } = await member.get("/v1/me/export");
  expect(json["avatars"]).toMatchObject([
    { status: "accepted", picture: shown.toString("base64") },
    { status: "requested", picture: null },
  ]);
  expect((await member.send("DELETE", "/v1/me", { password: member.password })).status).toBe(204);
  expect(await statusOf(url)).toBe(404);
  later(3600);
  expect(await asSystem(() => Erasure.work(member.id))).toBe("done");
  expect(await originalOf(String(unused.json["upload_id"]))).toBe(0);
  const rows = await platform.sql`select status, picture, name, object_key from avatars where user_id = ${member.id}`;
  expect(rows.map((row) => ({ ...row }))).toEqual(
    Array.from({ length: 2 }, () => ({ status: "removed", picture: null, name: null, object_key: null })),
  );
});

test("a sweep resends lost messages about profile pictures, erases repeated uploads, and ends unused uploads after a day", async () => {
  const member = await platform.person();
  const { ticket, id } = await given(member, await picture());
  const bytes = await picture();
  expect((await put(ticket, bytes)).status).toBe(200); // the URL is still valid, and the object was erased
  expect(await originalOf(id)).toBe(1);
  const lost = await upload(member, bytes);
  await member.send("PUT", "/v1/me/avatar", { upload_id: lost.json["upload_id"] });
  const abandoned = String((await upload(member, bytes)).json["upload_id"]);
  const sweep = () => asSystem(() => AvatarQueue.enqueueOverdue());
  const stored = async () => {
    const [row] =
      await platform.sql`select count(*)::int as all, count(*) filter (where status <> 'requested')::int as set
      from avatars where object_key is not null and updated_at < now() + interval '5 minutes'`;
    return row;
  };
  expect(await sweep()).toEqual({ sent: 0, more: true }); // no message is overdue yet
  const atFirst = await stored();
  later(400);
  expect(await sweep()).toEqual({ sent: atFirst?.["set"], more: true });
  const [waiting] =
    await platform.sql`select count(*)::int as n from avatars where id in (${id}, ${String(lost.json["upload_id"])}) and updated_at > now() + interval '5 minutes'`;
  expect(waiting?.["n"]).toBe(2); // both were enqueued again
  for (const one of [id, String(lost.json["upload_id"]), abandoned]) await asSystem(() => examine(one));
  expect([await originalOf(id), await originalOf(abandoned)]).toEqual([0, 1]);
  expect(await statusOf(await urlOf(member))).toBe(200);
  later(25 * 3600);
  const beforeSweep = await platform.sql`select id from avatars where object_key is not null`;
  expect((await sweep()).sent).toBe(beforeSweep.length);
  const [unset] =
    await platform.sql`select updated_at < now() + interval '1 hour' as same from avatars where id = ${abandoned}`;
  expect(unset?.["same"]).toBe(true); // its day counts from the request
  await asSystem(() => examine(abandoned));
  expect(await originalOf(abandoned)).toBe(0);
  later(9 * 24 * 3600);
  await asSystem(Retention.removeExpired);
  const left = await platform.sql`select status from avatars where user_id = ${member.id}`;
  expect(left.map((row) => row["status"])).toEqual(["accepted"]);
});
