import sharp from "sharp";
import { expect, test } from "vitest";
import { demoPhoto } from "@gotong/local/photo.ts";
import { readExif } from "@gotong/core/domain/evidence/examiner/exif.ts";
import { fileTypeOf } from "@gotong/core/domain/evidence/examiner/file-type.ts";
import { openHeic } from "@gotong/core/domain/evidence/examiner/heic.ts";
import { openJpeg } from "@gotong/core/domain/evidence/examiner/jpeg.ts";
import { openVideo } from "@gotong/core/domain/evidence/examiner/mp4.ts";
import type { OpenedPicture } from "@gotong/core/domain/evidence/examiner/opened.ts";
import { openPdf } from "@gotong/core/domain/evidence/examiner/pdf.ts";
import { openPng } from "@gotong/core/domain/evidence/examiner/png.ts";
import { videoFacts } from "@gotong/core/domain/evidence/examiner/video-facts.ts";
import { openWebp } from "@gotong/core/domain/evidence/examiner/webp.ts";
import { box, fragmentedMp4, heic, mp4, packedPdf, pdf } from "../../harness/files.ts";
import * as Hostile from "../../harness/hostile-files.ts";
import { heicOfTiles, quickTime } from "../../harness/phone-files.ts";
import { sized } from "../../harness/size.ts";
import { randomOf } from "../../harness/random.ts";

const RUNS = sized(5_000, 200_000);
/** Upper limit of CPU time for one file; an examination may take 10 s in all. */
const MOST_CPU_SECONDS = 1;
/** Upper limit of memory that all parsers together may still use at the end. */
const MOST_GROWTH_BYTES = 300_000_000;

const painted = sharp({ create: { width: 700, height: 500, channels: 3, background: "#357" } });
const exif = Hostile.tiff([[[0x010f, 2, 5, 8 + 2 + 12 + 4]]], [], "Acme\0");
const XMP = Buffer.from('<rdf:Description exif:DateTimeOriginal="2026-05-01T09:30:00+07:00"/>');
const png = await painted.clone().png().toBuffer();
const webp = await painted.clone().webp().toBuffer();

const withReadings = (open: (file: Buffer) => OpenedPicture) => (file: Buffer) => {
  const picture = open(file);
  readExif(picture.exif, picture.xmp);
};
const video = (file: Buffer) => {
  videoFacts(file);
  openVideo(file);
};

/** One valid file of each format, and its parser. */
const CORPUS: readonly (readonly [name: string, file: Buffer, parse: (file: Buffer) => unknown])[] = [
  ["JPEG", Buffer.from(demoPhoto(new Date())), withReadings(openJpeg)],
  ["progressive JPEG", await painted.clone().jpeg({ progressive: true }).toBuffer(), withReadings(openJpeg)],
  [
    "PNG",
    Hostile.withChunks(png, [
      ["eXIf", exif],
      ["iTXt", Buffer.concat([Buffer.from("XML:com.adobe.xmp\0\0\0\0\0"), XMP])],
    ]),
    withReadings(openPng),
  ],
  [
    "PNG with a raw profile",
    Hostile.withChunks(png, [["tEXt", Buffer.from(`Raw profile type exif\0\nexif\n 26\n${exif.toString("hex")}\n`)]]),
    withReadings(openPng),
  ],
  [
    "WebP",
    Hostile.withWebpChunks(
      webp,
      [700, 500],
      [
        ["EXIF", exif],
        ["XMP ", XMP],
      ],
    ),
    withReadings(openWebp),
  ],
  ["HEIC", heic({ exif: Buffer.concat([Buffer.alloc(4), exif]) }), withReadings(openHeic)],
  ["HEIC of tiles", heicOfTiles(12), withReadings(openHeic)],
  ["PDF", pdf(300), openPdf],
  ["packed PDF", packedPdf(12, 300), openPdf],
  ["MP4", mp4(2_000), video],
  ["fragmented MP4", fragmentedMp4(), video],
  ["QuickTime", Buffer.concat([quickTime(), box("free")]), video],
  ["EXIF", exif, (file) => readExif(file)],
];

/** Damages a file: changes bytes, sets numbers to their limits, and removes, doubles or moves parts. */
function mutated(file: Buffer, random: () => number): Buffer {
  const at = (most: number) => Math.floor(random() * most);
  // Prefers the first and last bytes, where most of a file's structure is.
  const place = () =>
    random() < 0.5
      ? at(Math.min(600, file.length))
      : random() < 0.5
        ? at(file.length)
        : Math.max(0, file.length - 1 - at(600));
  let changed = Buffer.from(file);
  for (let changes = 1 + at(6); changes > 0; changes -= 1) {
    const [position, kind] = [Math.min(place(), Math.max(0, changed.length - 5)), at(6)];
    if (changed.length < 16) break;
    if (kind === 0) changed.writeUInt8(at(256), position);
    if (kind === 1)
      changed.writeUInt32BE([0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, changed.length][at(6)] ?? 0, position);
    if (kind === 2) changed.writeUInt16LE([0, 1, 0x7fff, 0xffff][at(4)] ?? 0, position);
    if (kind === 3) changed = Buffer.concat([changed.subarray(0, position), changed.subarray(position + at(200))]);
    if (kind === 4)
      changed = Buffer.concat([changed.subarray(0, position), changed.subarray(Math.max(0, position - at(200)))]);
    if (kind === 5) changed = changed.subarray(0, Math.max(16, at(changed.length)));
  }
  return changed;
}

test(
  "parsers of damaged files throw only errors, take less than a second of CPU, and keep no memory",
  () => {
    const before = process.memoryUsage().rss;
    for (const [name, file, parse] of CORPUS) expect(() => parse(file), name).not.toThrow();
    for (let run = 0; run < RUNS; run += 1) {
      const [name, file, parse] = CORPUS[run % CORPUS.length] ?? ["", Buffer.alloc(0), () => undefined];
      const damaged = mutated(file, randomOf(run));
      const begun = process.cpuUsage();
      let thrown: unknown;
      try {
        fileTypeOf(damaged);
        parse(damaged);
      } catch (error) {
        thrown = error;
      }
      const { user, system } = process.cpuUsage(begun);
      if (thrown !== undefined) expect(thrown, `${name}, run ${run}`).toBeInstanceOf(Error);
      expect((user + system) / 1e6, `${name}, run ${run}`).toBeLessThan(MOST_CPU_SECONDS);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(MOST_GROWTH_BYTES);
  },
  sized(120_000, 3_600_000),
);
