import { createHash, randomBytes } from "node:crypto";
import sharp from "sharp";
import { expect, test } from "vitest";
import { demoPhoto } from "@gotong/local/photo.ts";
import { examineFile } from "@gotong/core/domain/evidence/examiner/examine-file.ts";
import type { Declared } from "@gotong/core/domain/evidence/examiner/result.ts";
import { runExaminer } from "@gotong/core/domain/evidence/examiner/run.ts";
import { box, heic, mp4, packedPdf, pdf } from "../../harness/files.ts";
import { heicOfTiles, heicSequence, quickTime } from "../../harness/phone-files.ts";

const declare = (bytes: Uint8Array, contentType: Declared["contentType"]): Declared => ({
  contentType,
  sizeBytes: bytes.byteLength,
  sha256: createHash("sha256").update(bytes).digest("hex"),
});
const verdict = async (bytes: Uint8Array, contentType: Declared["contentType"]) => {
  const result = await examineFile(bytes, declare(bytes, contentType));
  return result.ok ? "ok" : `${result.code}: ${result.detail}`;
};

test("a HEIC of 200 megapixels in 768 tiles is accepted, with a few times the time and memory of a normal photo", async () => {
  const [bytes, photo] = [heicOfTiles(768), demoPhoto(new Date())];
  const honest = await runExaminer(photo, declare(photo, "image/jpeg"));
  const examined = await runExaminer(bytes, declare(bytes, "image/heic"));
  expect(examined.result).toMatchObject({ ok: true });
  expect(examined.cpuSeconds / honest.cpuSeconds).toBeLessThan(10); // measured: 4.4
  expect(examined.peakMegabytes / honest.peakMegabytes).toBeLessThan(3);
  // Each tile is checked, so a damaged last tile is detected.
  const cut = bytes.subarray(0, bytes.length - 50);
  expect(await verdict(cut, "image/heic")).toMatch(/^UNDECODABLE/);
  const noise = Buffer.from(bytes).fill(0xff, bytes.length - 103);
  expect(await verdict(noise, "image/heic")).toMatch(/^UNDECODABLE/);
});

test("pictures and videos with the brands that phones write are accepted", async () => {
  for (const brands of [
    "mif1\0\0\0\0mif1miaf",
    "mif1\0\0\0\0mif1",
    "mif1\0\0\0\0mif1heic",
    "msf1\0\0\0\0hevcheix",
    "heix\0\0\0\0mif1",
    "heim\0\0\0\0mif1",
  ])
    expect(await verdict(heic({ brands }), "image/heic"), brands).toBe("ok");
  for (const brands of ["msf1\0\0\0\0msf1hevciso8", "hevc\0\0\0\0msf1hevc", "msf1\0\0\0\0msf1"])
    expect(await verdict(heicSequence("hvc1", brands), "image/heic"), brands).toBe("ok");
  expect(await verdict(heicSequence("avc1"), "image/heic")).toMatch(/^UNDECODABLE/);
  const cut = heicSequence();
  expect(await verdict(cut.subarray(0, Math.floor(cut.length * 0.9)), "image/heic")).toMatch(/^UNDECODABLE/);
  for (const codec of ["hvc1", "avc1"]) expect(await verdict(quickTime(codec), "video/quicktime"), codec).toBe("ok");
  expect(await verdict(mp4(110_000, { brands: "qt  \0\0\0\0qt  " }), "video/quicktime")).toBe("ok");
  const noise = mp4(110_000, { brands: "qt  \0\0\0\0qt  ", fill: randomBytes(110_000) });
  expect(await verdict(noise, "video/quicktime")).toMatch(/^UNDECODABLE/);
});

test("a PDF may have bytes before its header, with offsets counted from the header or from the file's start", async () => {
  const head = "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n";
  const before = Buffer.from(head);
  for (const [name, file] of [
    ["from the header", Buffer.concat([before, pdf()])],
    ["from the file's start", pdf(12_000, head)],
    ["packed", Buffer.concat([before, packedPdf(12)])],
    ["byte-order mark", Buffer.concat([Buffer.from("\ufeff"), pdf()])],
    ["1,000 bytes", Buffer.concat([Buffer.alloc(1_000, "x"), pdf()])],
  ] as const)
    expect(await verdict(file, "application/pdf"), name).toBe("ok");
  const late = Buffer.concat([Buffer.alloc(1_020, "x"), pdf()]);
  expect(await verdict(late, "application/pdf")).toMatch(/^TYPE_MISMATCH/);
  const noise = Buffer.concat([before, Buffer.from("%PDF-1.7\n"), randomBytes(20_000)]);
  expect(await verdict(noise, "application/pdf")).toMatch(/^UNDECODABLE/);
});

test("the refusal of a file names the detected type", async () => {
  const painted = sharp({ create: { width: 800, height: 600, channels: 3, background: "#357" } });
  const [jpeg, png, webp, gif, tiff] = await Promise.all([
    painted.clone().jpeg().toBuffer(),
    painted.clone().png().toBuffer(),
    painted.clone().webp().toBuffer(),
    painted.clone().gif().toBuffer(),
    painted.clone().tiff().toBuffer(),
  ]);
  const ftyp = (brands: string) => Buffer.concat([box("ftyp", brands), box("free", Buffer.alloc(100))]);
  const cases: readonly (readonly [file: Buffer, declared: Declared["contentType"], found: string])[] = [
    [jpeg, "image/heic", "a JPEG picture (image/jpeg)"],
    [png, "image/jpeg", "a PNG picture (image/png)"],
    [webp, "image/jpeg", "a WebP picture (image/webp)"],
    [heic(), "image/jpeg", "a HEIC picture (image/heic)"],
    [pdf(), "image/jpeg", "a PDF document (application/pdf)"],
    [mp4(), "video/quicktime", "an MP4 video (video/mp4)"],
    [quickTime(), "video/mp4", "a QuickTime video (video/quicktime)"],
    [gif, "image/png", "a GIF picture"],
    [tiff, "image/jpeg", "a TIFF or raw picture"],
    [ftyp("avif\0\0\0\0mif1miaf"), "image/heic", "an AVIF picture"],
    [ftyp("mif1\0\0\0\0avifmiaf"), "image/heic", "an AVIF picture"],
    [ftyp("crx \0\0\0\0crx isom"), "image/heic", "a raw picture of Canon (CR3)"],
    [ftyp("M4A \0\0\0\0M4A mp42"), "video/mp4", "a sound recording"],
    [ftyp("3gp5\0\0\0\0isom3gp4"), "video/mp4", "a 3GP or Flash video"],
    [Buffer.from("PK\x03\x04 and more"), "application/pdf", "a ZIP archive or an office document"],
    [Buffer.from("<!DOCTYPE html><p>No file</p>"), "application/pdf", "a web page"],
    [Buffer.from("no picture at all"), "image/jpeg", "of an unknown type"],
    [Buffer.from("\0\0\0\x08ftyp"), "video/quicktime", "an MP4 video (video/mp4)"],
  ];
  for (const [file, declared, found] of cases)
    expect(await verdict(file, declared), found).toBe(`TYPE_MISMATCH: The file is ${found}, not ${declared}.`);
  // If no brand of a picture names its codec, only its items do.
  const av1 = Buffer.from(
    heic({ brands: "mif1\0\0\0\0mif1miaf" }).toString("latin1").replace("hvcC", "av1C"),
    "latin1",
  );
  expect(await verdict(av1, "image/heic")).toBe(
    "TYPE_MISMATCH: The file is a HEIF picture coded as AV1, not image/heic (HEVC).",
  );
});
