import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, afterEach, expect, test } from "vitest";
import { demoPhoto } from "@gotong/local/photo.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { decode } from "@gotong/core/domain/evidence/examiner/decode.ts";
import type { Declared } from "@gotong/core/domain/evidence/examiner/result.ts";
import { OverLimit, ProgramCrashed, runExaminer, runLimited } from "@gotong/core/domain/evidence/examiner/run.ts";
import { heic } from "../../harness/files.ts";
import * as Hostile from "../../harness/hostile-files.ts";

const folder = mkdtempSync(join(tmpdir(), "gotong-examiner-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => Config.use({}));

const examine = (bytes: Buffer, contentType: Declared["contentType"]) =>
  runExaminer(bytes, {
    contentType,
    sizeBytes: bytes.length,
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
const EDGES = [1000, 800] as const;
const painted = (width = EDGES[0] as number, height = EDGES[1] as number) =>
  sharp({ create: { width, height, channels: 3, background: "#357" } });
const [jpeg, png, webp] = await Promise.all([
  painted().jpeg().toBuffer(),
  painted().png().toBuffer(),
  painted().webp().toBuffer(),
]);
const progressive = await painted().jpeg({ progressive: true }).toBuffer();
const inJpeg = (exif: Buffer) => Hostile.withSegments(jpeg, [Buffer.concat([Buffer.from("Exif\0\0"), exif])]);
const inPng = (exif: Buffer) => Hostile.withChunks(png, [["eXIf", exif]]);
const inWebp = (exif: Buffer) => Hostile.withWebpChunks(webp, EDGES, [["EXIF", exif]]);

type Case = readonly [name: string, make: () => Buffer, type: Declared["contentType"], code: string];
const bombOf = (head: string) => Buffer.concat([Buffer.from(head, "latin1"), Hostile.BOMB]);
const xmpSegment = () => Buffer.from(`http://ns.adobe.com/xap/1.0/\0${Hostile.xmp()}`);
const HOSTILE: readonly Case[] = [
  ["JPEG, own directories", () => inJpeg(Hostile.ownDirectories(40)), "image/jpeg", "ok"],
  ["JPEG, more own directories", () => inJpeg(Hostile.ownDirectories(5_000)), "image/jpeg", "ok"],
  ["PNG, own directories", () => inPng(Hostile.ownDirectories(200)), "image/png", "ok"],
  ["PNG, endless directory", () => inPng(Hostile.ownDirectories(60_000)), "image/png", "METADATA_TOO_COMPLEX"],
  ["WebP, own directories", () => inWebp(Hostile.ownDirectories(200)), "image/webp", "ok"],
  ["JPEG, chain of directories", () => inJpeg(Hostile.chainedDirectories()), "image/jpeg", "ok"],
  ["PNG, chain of directories", () => inPng(Hostile.chainedDirectories()), "image/png", "ok"],
  ["WebP, endless values", () => inWebp(Hostile.endlessValues()), "image/webp", "ok"],
  ["JPEG, progressive", () => progressive, "image/jpeg", "ok"],
  ["JPEG, 3,000 scans", () => Hostile.withScans(progressive, 3_000), "image/jpeg", "TOO_MANY_SCANS"],
  ["JPEG, XMP", () => Hostile.withSegments(jpeg, [xmpSegment()]), "image/jpeg", "ok"],
  [
    "PNG, XMP",
    () => Hostile.withChunks(png, [["iTXt", Buffer.from(`XML:com.adobe.xmp\0\0\0\0\0${Hostile.xmp()}`)]]),
    "image/png",
    "ok",
  ],
  ["WebP, XMP", () => Hostile.withWebpChunks(webp, EDGES, [["XMP ", Buffer.from(Hostile.xmp())]]), "image/webp", "ok"],
  ["PNG, iCCP bomb", () => Hostile.withChunks(png, [["iCCP", bombOf("icc\0\0")]]), "image/png", "ok"],
  [
    "PNG, zTXt bombs",
    () =>
      Hostile.withChunks(
        png,
        Array.from({ length: 60 }, () => ["zTXt", bombOf("Comment\0\0")]),
      ),
    "image/png",
    "ok",
  ],
  ["PNG, iTXt bomb", () => Hostile.withChunks(png, [["iTXt", bombOf("Comment\0\x01\0\0\0")]]), "image/png", "ok"],
  [
    "PNG, chunk after chunk",
    () =>
      Hostile.withChunks(
        png,
        Array.from({ length: 50_000 }, () => ["teXt", Buffer.alloc(1)]),
      ),
    "image/png",
    "METADATA_TOO_COMPLEX",
  ],
  [
    "JPEG, segment after segment",
    () =>
      Hostile.withSegments(
        jpeg,
        Array.from({ length: 50_000 }, () => Buffer.alloc(1)),
      ),
    "image/jpeg",
    "METADATA_TOO_COMPLEX",
  ],
  [
    "WebP, chunk after chunk",
    () =>
      Hostile.withWebpChunks(
        webp,
        EDGES,
        Array.from({ length: 50_000 }, () => ["NONE", Buffer.alloc(2)]),
      ),
    "image/webp",
    "METADATA_TOO_COMPLEX",
  ],
  ["PDF, table that unfolds", Hostile.pdfBomb, "application/pdf", "UNDECODABLE"],
  ["PDF, loop", Hostile.pdfLoop, "application/pdf", "UNDECODABLE"],
  ["MP4, boxes", Hostile.mp4Boxes, "video/mp4", "UNDECODABLE"],
  ["HEIC, boxes", Hostile.heicBoxes, "image/heic", "UNDECODABLE"],
  ["HEIC, items", Hostile.heicItems, "image/heic", "UNDECODABLE"],
];

test("files that are costly to parse are decided at the first attempt, within a few times a normal photo's time and memory", async () => {
  const honest = await examine(demoPhoto(new Date()), "image/jpeg");
  expect(honest.result.ok).toBe(true);
  for (const [name, make, type, code] of HOSTILE) {
    const { result, cpuSeconds, peakMegabytes } = await examine(make(), type);
    expect(result.ok ? "ok" : result.code, name).toBe(code);
    expect(cpuSeconds / honest.cpuSeconds, `${name}: CPU time`).toBeLessThan(4);
    expect(peakMegabytes / honest.peakMegabytes, `${name}: memory`).toBeLessThan(3);
  }
});

test("a picture is refused by its header when decoding would exceed the memory limit, unless it is decoded by lines", async () => {
  const deep = (isInterlaced: boolean) =>
    sharp({ create: { width: 8660, height: 5770, channels: 4, background: "#3579" } })
      .toColourspace("rgb16")
      .png({ compressionLevel: 1, progressive: isInterlaced })
      .toBuffer();
  const refused = await examine(await deep(true), "image/png");
  expect(refused.result).toMatchObject({ ok: false, code: "TOO_MANY_PIXELS" });
  const accepted = await examine(await deep(false), "image/png");
  expect(accepted.result.ok).toBe(true);
  expect(accepted.peakMegabytes).toBeLessThan(400);
});

test("one broken EXIF tag does not affect other tags, and unreadable EXIF directories are reported", async () => {
  const exif = {
    IFD0: { Make: "Acme" },
    IFD2: { DateTimeOriginal: "2020:01:01 10:00:00", OffsetTimeOriginal: "+07:00" },
  };
  const good = await painted().withExif(exif).jpeg().toBuffer();
  const expected = { taken: { local: "2020-01-01T10:00:00", offset: "+07:00" }, camera: "Acme" };
  expect((await examine(good, "image/jpeg")).result).toMatchObject({ ok: true, exif: expected });
  const start = good.indexOf("Exif\0\0") + 6;
  const isLittle = good.toString("latin1", start, start + 2) === "II";
  const tag = isLittle ? "\x1a\x01\x05\0" : "\x01\x1a\0\x05"; // the tag XResolution, whose type is a fraction
  const broken = Buffer.from(good);
  const at = broken.indexOf(Buffer.from(tag, "latin1"), start);
  expect(at).toBeGreaterThan(start);
  broken.writeUInt16BE(0, at + 2); // an EXIF type that does not exist
  const read = (await examine(broken, "image/jpeg")).result;
  expect(read.ok && read.exif).toEqual(expected);
  const cyclic = (await examine(inJpeg(Hostile.ownDirectories(40)), "image/jpeg")).result;
  expect(cyclic.ok && cyclic.exif).toEqual({ unreadable: true });
});

test("EXIF data after extra bytes, such as a JPEG segment header, is read in a HEIC, PNG and WebP", async () => {
  const exif = Hostile.tiff([[[0x010f, 2, 5, 8 + 2 + 12 + 4]]], [], "Acme\0");
  const head = Buffer.from("Exif\0\0");
  const marker = Buffer.concat([Buffer.from([0xff, 0xe1, 0, exif.length + 8]), head]);
  for (const [name, file, type] of [
    ["PNG", inPng(exif), "image/png"],
    ["PNG with a head", inPng(Buffer.concat([head, exif])), "image/png"],
    ["WebP with a head", inWebp(Buffer.concat([head, exif])), "image/webp"],
    ["HEIC", heic({ exif: Buffer.concat([Buffer.alloc(4), exif]) }), "image/heic"],
    ["HEIC with a head", heic({ exif: Buffer.concat([Buffer.from([0, 0, 0, 6]), head, exif]) }), "image/heic"],
    ["HEIC with a marker", heic({ exif: Buffer.concat([marker, exif]) }), "image/heic"],
    ["HEIC with a marker and a place", heic({ exif: Buffer.concat([Buffer.alloc(4), marker, exif]) }), "image/heic"],
  ] as const) {
    const { result } = await examine(file, type);
    expect(result.ok && result.exif, name).toEqual({ camera: "Acme" });
  }
});

test("thumbnails are upright for each of the eight EXIF orientations", async () => {
  const scene = await sharp(demoPhoto(new Date())).resize(800, 600).jpeg({ quality: 95 }).toBuffer();
  for (let orientation = 1; orientation <= 8; orientation += 1) {
    const lying = await sharp(scene).withMetadata({ orientation }).jpeg().toBuffer();
    const expected = await sharp(lying).autoOrient().resize(64, 64, { fit: "fill" }).raw().toBuffer();
    const { thumbnail } = await decode(lying, orientation, 1e7);
    const shown = await sharp(thumbnail).resize(64, 64, { fit: "fill" }).raw().toBuffer();
    const difference = shown.reduce((sum, byte, at) => sum + Math.abs(byte - (expected[at] ?? 0)), 0) / shown.length;
    expect(difference, `orientation ${orientation}`).toBeLessThan(6);
    const { orientation: left, exif } = await sharp(thumbnail).metadata();
    expect([left, exif]).toEqual([undefined, undefined]);
  }
});

test("a program over its time or memory limit is killed, and a crash is distinguished from a failure to start", async () => {
  const run = (source: string) => {
    const file = join(folder, `${randomBytes(4).toString("hex")}.mjs`);
    writeFileSync(file, source);
    return runLimited(file, "{}", Buffer.alloc(1_000_000), { cpuSeconds: 1, megabytes: 300 });
  };
  const ready = "process.stdout.write('ready\\n');";
  expect(await run(`${ready} process.stdin.resume().on('end', () => process.stdout.write('done'));`)).toBe("done");
  expect(await run(`${ready} process.stdout.write(Object.keys(process.env).join());`)).not.toMatch(/PATH=|HOME|SECRET/);
  await expect(run(`${ready} for (;;);`)).rejects.toThrow(OverLimit);
  const greedy = `${ready} const all = []; setInterval(() => all.push(Buffer.alloc(2e7, 1)), 1);`;
  await expect(run(greedy)).rejects.toThrow(OverLimit);
  await expect(run(`${ready} setTimeout(() => process.abort(), 50);`)).rejects.toThrow(ProgramCrashed);
  const notBegun = await run("throw new Error('a library is missing');").catch((error: unknown) => error);
  expect(notBegun).toBeInstanceOf(Error);
  expect(notBegun).not.toBeInstanceOf(ProgramCrashed);
});

test("an examination that needs more CPU time than configured ends with OverLimit", async () => {
  Config.use({ EXAMINATION_CPU_SECONDS: "1" });
  const slow = await painted(8660, 5770)
    .toColourspace("rgb16")
    .png({ compressionLevel: 1, progressive: true })
    .toBuffer();
  await expect(examine(slow, "image/png")).rejects.toThrow(OverLimit);
});
