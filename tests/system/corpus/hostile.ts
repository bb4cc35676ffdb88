import sharp from "sharp";
import type { Declared } from "@gotong/core/domain/evidence/examiner/result.ts";
import { CONTENT_TYPES } from "@gotong/core/domain/evidence/file-rules.ts";
import { randomOf } from "../../harness/random.ts";
import { box, fragmentedMp4, heic, mp4, packedPdf, pdf } from "../../harness/files.ts";
import * as Hostile from "../../harness/hostile-files.ts";
import { heicSequence, quickTime } from "../../harness/phone-files.ts";
import { rareBombs } from "./rare.ts";

type ContentType = Declared["contentType"];
export interface HostileFile {
  readonly name: string;
  readonly contentType: ContentType;
  readonly bytes: () => Buffer;
  /** Replaces the correct declaration of hash and size. */
  readonly declared?: Partial<Declared>;
  /**
   * Set for a genuine file with hostile metadata: the examiner may also accept the file without reading its metadata.
   */
  readonly mayBeAccepted?: true;
}

const painted = (width = 800, height = 600) =>
  sharp({
    create: { width, height, channels: 3, background: "#37a", noise: { type: "gaussian", mean: 128, sigma: 20 } },
  });

/** One genuine file of each format. */
async function genuine(): Promise<readonly (readonly [name: string, contentType: ContentType, bytes: Buffer])[]> {
  return [
    ["JPEG", "image/jpeg", await painted().jpeg().toBuffer()],
    ["progressive JPEG", "image/jpeg", await painted().jpeg({ progressive: true }).toBuffer()],
    ["PNG", "image/png", await painted().png().toBuffer()],
    ["WebP", "image/webp", await painted().webp().toBuffer()],
    ["HEIC", "image/heic", heic()],
    ["HEIC sequence", "image/heic", heicSequence()],
    ["document", "application/pdf", pdf()],
    ["packed document", "application/pdf", packedPdf(12)],
    ["video", "video/mp4", mp4()],
    ["fragmented video", "video/mp4", fragmentedMp4()],
    ["QuickTime video", "video/quicktime", quickTime()],
  ];
}

/** Files of other types, or of no type. */
async function foreign(): Promise<readonly (readonly [name: string, bytes: Buffer])[]> {
  const ftyp = (brands: string) => Buffer.concat([box("ftyp", brands), box("free", Buffer.alloc(2_000))]);
  const filled = (start: string) => Buffer.concat([Buffer.from(start, "latin1"), Buffer.alloc(60_000, "x")]);
  return [
    ["GIF", await painted().gif().toBuffer()],
    ["TIFF", await painted().tiff().toBuffer()],
    ["AVIF", ftyp("avif\0\0\0\0mif1miaf")],
    ["raw picture", ftyp("crx \0\0\0\0crx isom")],
    ["sound", ftyp("M4A \0\0\0\0M4A mp42")],
    ["archive", filled("PK\x03\x04")],
    ["web page", filled("<!DOCTYPE html><script>alert(1)</script>")],
    ["drawing", filled('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>')],
    ["program", filled("MZ\x90\0")],
    ["script", filled("#!/bin/sh\n")],
    ["empty file", Buffer.alloc(0)],
  ];
}

/** Builds at least 400 files that are damaged, disguised or costly to parse. */
export async function hostileFiles(): Promise<readonly HostileFile[]> {
  const files: HostileFile[] = [];
  const originals = await genuine();
  for (const [name, contentType, whole] of originals) {
    for (let part = 2; part <= 13; part += 1)
      files.push({
        name: `${name} cut at ${part}/15`,
        contentType,
        bytes: () => whole.subarray(0, Math.floor((whole.length * part) / 15)),
      });
    for (let seed = 1; seed <= 8; seed += 1)
      files.push({
        name: `noise behind the first 16 bytes of a ${name}, ${seed}`,
        contentType,
        bytes: () => noisy(whole.subarray(0, 16), 120_000, seed),
      });
    for (const other of CONTENT_TYPES)
      if (other !== contentType)
        files.push({ name: `${name} declared as ${other}`, contentType: other, bytes: () => whole });
    files.push({
      name: `${name} of another hash`,
      contentType,
      bytes: () => whole,
      declared: { sha256: "0".repeat(64) },
    });
    files.push({ name: `${name} of another size`, contentType, bytes: () => whole, declared: { sizeBytes: 60_000 } });
  }
  for (const [name, bytes] of await foreign())
    for (const contentType of CONTENT_TYPES)
      files.push({ name: `${name} as ${contentType}`, contentType, bytes: () => bytes });
  for (const [width, height] of [
    [639, 480],
    [640, 479],
    [200, 2_000],
    [1, 1],
  ] as const) {
    const small = painted(width, height);
    const [jpeg, png, webp] = [
      await small.jpeg().toBuffer(),
      await small.png().toBuffer(),
      await small.webp().toBuffer(),
    ];
    files.push({ name: `JPEG of ${width}×${height}`, contentType: "image/jpeg", bytes: () => jpeg });
    files.push({ name: `PNG of ${width}×${height}`, contentType: "image/png", bytes: () => png });
    files.push({ name: `WebP of ${width}×${height}`, contentType: "image/webp", bytes: () => webp });
  }
  return [...files, ...(await bombs())];
}

/** Files that are costly to parse, or would fill the parser's memory. */
export async function bombs(): Promise<readonly HostileFile[]> {
  const jpeg = await painted().jpeg().toBuffer();
  // This JPEG has only one colour: with noise, its 3,000 progressive scans would exceed the maximum file size.
  const plain = sharp({ create: { width: 800, height: 600, channels: 3, background: "#37a" } });
  const progressive = await plain.jpeg({ progressive: true }).toBuffer();
  const [png, webp] = [await painted().png().toBuffer(), await painted().webp().toBuffer()];
  const files: HostileFile[] = [
    { name: "document that unfolds to 200 MB", contentType: "application/pdf", bytes: Hostile.pdfBomb },
    { name: "document whose tables form a loop", contentType: "application/pdf", bytes: Hostile.pdfLoop },
    { name: "HEIC of 60,000 items", contentType: "image/heic", bytes: Hostile.heicItems },
    { name: "video of a million boxes", contentType: "video/mp4", bytes: Hostile.mp4Boxes, mayBeAccepted: true },
    { name: "HEIC of a million boxes", contentType: "image/heic", bytes: Hostile.heicBoxes, mayBeAccepted: true },
    {
      name: "JPEG of 3,000 scans",
      contentType: "image/jpeg",
      bytes: () => Hostile.withScans(progressive, 3_000),
    },
  ];
  for (const [name, exif] of [
    ["20 directories that are their own", Hostile.ownDirectories(20)],
    ["200 directories that are their own", Hostile.ownDirectories(200)],
    ["4,000 directories that are their own", Hostile.ownDirectories(4_000)],
    ["a chain of directories", Hostile.chainedDirectories()],
    ["endless values", Hostile.endlessValues()],
  ] as const) {
    const mayBeAccepted = true as const;
    const segment = Buffer.concat([Buffer.from("Exif\0\0"), exif]);
    files.push(
      {
        name: `JPEG with ${name}`,
        contentType: "image/jpeg",
        bytes: () => Hostile.withSegments(jpeg, [segment]),
        mayBeAccepted,
      },
      {
        name: `PNG with ${name}`,
        contentType: "image/png",
        bytes: () => Hostile.withChunks(png, [["eXIf", exif]]),
        mayBeAccepted,
      },
      {
        name: `WebP with ${name}`,
        contentType: "image/webp",
        bytes: () => Hostile.withWebpChunks(webp, [800, 600], [["EXIF", exif]]),
        mayBeAccepted,
      },
    );
  }
  const text = Buffer.concat([Buffer.from("XML:com.adobe.xmp\0\x01\0\0\0"), Hostile.BOMB]);
  files.push({
    name: "PNG with text that unfolds to 100 MB",
    contentType: "image/png",
    bytes: () => Hostile.withChunks(png, [["iTXt", text]]),
    mayBeAccepted: true,
  });
  const xmp = Buffer.concat([
    Buffer.from("http://ns.adobe.com/xap/1.0/\0"),
    Buffer.from(Hostile.xmp().slice(0, 60_000)),
  ]);
  files.push({
    name: "JPEG with entities that expand",
    contentType: "image/jpeg",
    bytes: () => Hostile.withSegments(jpeg, [xmp]),
    mayBeAccepted: true,
  });
  return [...files, ...(await rareBombs())];
}

function noisy(head: Buffer, size: number, seed: number): Buffer {
  const random = randomOf(seed);
  return Buffer.concat([head, Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)))]);
}
