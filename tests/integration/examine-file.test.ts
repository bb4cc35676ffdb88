import { createHash } from "node:crypto";
import sharp, { type Exif } from "sharp";
import { expect, test } from "vitest";
import { demoPhoto } from "@gotong/local/photo.ts";
import { type Declared, examineFile } from "@gotong/core/evidence/examine-file.ts";

const declare = (bytes: Uint8Array, contentType: Declared["contentType"]): Declared => ({
  contentType,
  sizeBytes: bytes.byteLength,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});
const picture = (width: number, height: number) =>
  sharp({ create: { width, height, channels: 3, background: "#357" } });
const codeOf = (result: Awaited<ReturnType<typeof examineFile>>) => (result.ok ? "ok" : result.code);

test("bytes that are not those that were declared are refused by length, by hash and by type", async () => {
  const bytes = demoPhoto(new Date());
  const declared = declare(bytes, "image/jpeg");
  expect(codeOf(await examineFile(bytes, declared))).toBe("ok");
  expect(codeOf(await examineFile(bytes.subarray(1), declared))).toBe("SIZE_MISMATCH");
  expect(codeOf(await examineFile(bytes, { ...declared, sha256: "0".repeat(64) }))).toBe("HASH_MISMATCH");
  expect(codeOf(await examineFile(bytes, { ...declared, contentType: "image/png" }))).toBe("TYPE_MISMATCH");
  const text = Buffer.from("no picture at all");
  expect(codeOf(await examineFile(text, declare(text, "image/jpeg")))).toBe("TYPE_MISMATCH");
});

test("a picture that is too small on either edge, or breaks off, is refused; one on its side is not", async () => {
  for (const [width, height, code] of [
    [640, 480, "ok"],
    [480, 640, "ok"],
    [640, 479, "PICTURE_TOO_SMALL"],
    [639, 480, "PICTURE_TOO_SMALL"],
  ] as const) {
    const bytes = await picture(width, height).png().toBuffer();
    expect(codeOf(await examineFile(bytes, declare(bytes, "image/png"))), `${width} x ${height}`).toBe(code);
  }
  const whole = demoPhoto(new Date());
  const broken = whole.subarray(0, Math.floor(whole.length / 2));
  expect(codeOf(await examineFile(broken, declare(broken, "image/jpeg")))).toBe("UNDECODABLE");
});

test("time, place and camera are read where they are written, each for itself, and nonsense is as if absent", async () => {
  const taken = { local: "2026-11-02T08:30:00", offset: "+07:00" };
  const write = (exif: Exif) => picture(640, 480).withExif(exif).jpeg().toBuffer();
  const gps = {
    GPSLatitudeRef: "S",
    GPSLatitude: "6/1 54/1 52/1",
    GPSLongitudeRef: "E",
    GPSLongitude: "107/1 36/1 35/1",
  };
  for (const [exif, expected] of [
    [{ IFD0: { Make: "Acme", Model: "One" } }, { camera: "Acme One" }],
    [{ IFD0: { Model: "One" } }, { camera: "One" }],
    [{ IFD2: { DateTimeOriginal: "2026:11:02 08:30:00", OffsetTimeOriginal: "+07:00" } }, { taken }],
    [{ IFD2: { DateTimeOriginal: "2026:11:02 08:30:00" } }, { taken: { ...taken, offset: undefined } }],
    [{ IFD2: { DateTimeOriginal: "yesterday" } }, {}],
    [{ IFD3: gps }, { place: { lat: expect.closeTo(-6.9144, 3), lon: expect.closeTo(107.6097, 3) } }],
    [{ IFD3: { GPSLatitudeRef: "S", GPSLatitude: "6/1 54/1 52/1" } }, {}],
  ] as const) {
    const bytes = await write(exif);
    const result = await examineFile(bytes, declare(bytes, "image/jpeg"));
    expect(result.ok && result.exif, JSON.stringify(exif)).toEqual(expected);
  }
  const bare = await picture(640, 480).jpeg().toBuffer();
  expect(await examineFile(bare, declare(bare, "image/jpeg"))).toMatchObject({ ok: true, exif: {} });
});

test("what is no picture is held against its declaration alone", async () => {
  const pdf = Buffer.from("%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n");
  expect(await examineFile(pdf, declare(pdf, "application/pdf"))).toEqual({
    ok: true,
    exif: {},
    thumbnail: undefined,
    looks: undefined,
  });
});
