import { deflateSync } from "node:zlib";
import sharp from "sharp";
import { boxesIn } from "@gotong/core/domain/evidence/examiner/iso-media.ts";
import type { ContentType } from "@gotong/core/domain/evidence/file-rules.ts";
import { box, fragmentedMp4, heic, mp4, packedPdf, pdf, uint } from "../../harness/files.ts";
import * as Hostile from "../../harness/hostile-files.ts";
import { heicSequence, quickTime, with64BitMedia } from "../../harness/phone-files.ts";
import type { HostileFile } from "./hostile.ts";

/**
 * A file and its expected result: the code of a refusal, `accepted` for a file that is accepted without metadata, or
 * `any`.
 */
export interface RareFile {
  readonly name: string;
  readonly contentType: ContentType;
  readonly bytes: Buffer;
  readonly expected: "TYPE_MISMATCH" | "UNDECODABLE" | "METADATA_TOO_COMPLEX" | "TOO_MANY_SCANS" | "accepted" | "any";
}

const [WIDTH, HEIGHT] = [800, 600];
const noise = { type: "gaussian", mean: 128, sigma: 20 } as const;
const painted = () => sharp({ create: { width: WIDTH, height: HEIGHT, channels: 3, background: "#37a", noise } });
const plain = (width: number, height: number) => sharp({ create: { width, height, channels: 3, background: "#37a" } });
const latin1 = (text: string) => Buffer.from(text, "latin1");

/** Files of kinds that attackers build, each cheap to examine. */
export async function rareFiles(): Promise<readonly RareFile[]> {
  const [jpeg, png, webp, avif, gif] = await Promise.all([
    painted().jpeg().toBuffer(),
    painted().png().toBuffer(),
    painted().webp().toBuffer(),
    plain(WIDTH, HEIGHT).avif({ effort: 0 }).toBuffer(),
    painted().gif().toBuffer(),
  ]);
  return [
    ...polyglots(jpeg, png, webp, gif),
    ...truncated(),
    ...withoutLengths(jpeg, png, webp),
    ...profiles(jpeg, png, webp),
    ...otherCodecs(avif),
    ...longMedia(),
    ...(await frames()),
    ...(await scans()),
  ];
}

/** Files of two types at once. */
function polyglots(jpeg: Buffer, png: Buffer, webp: Buffer, gif: Buffer): RareFile[] {
  const starts = [
    "<script>alert(1)</script>\n",
    "<!-- page -->",
    "MZ\x90\0",
    "\x7fELF",
    "#!/bin/sh\n",
    "PK\x03\x04",
    "GIF89a",
  ];
  const asPdf = { contentType: "application/pdf", expected: "TYPE_MISMATCH" } as const;
  const comment = Hostile.withSegments(jpeg, [latin1("%PDF-1.7\n")], 0xfe);
  const archive = Buffer.concat([
    latin1("PK\x03\x04"),
    Buffer.alloc(3_000, "x"),
    latin1("PK\x05\x06"),
    Buffer.alloc(18),
  ]);
  const followed = (file: Buffer) => Buffer.concat([file, archive]);
  return [
    ...starts.map((start) => ({
      ...asPdf,
      name: `document behind ${JSON.stringify(start)}`,
      bytes: pdf(12_000, start),
    })),
    { ...asPdf, name: "JPEG that is a document as well", bytes: comment },
    {
      ...asPdf,
      name: "GIF with a document's header",
      bytes: Buffer.concat([gif.subarray(0, 13), latin1("%PDF-1.7\n"), gif]),
    },
    { name: "JPEG with a document's header", contentType: "image/jpeg", bytes: comment, expected: "accepted" },
    { name: "JPEG before an archive", contentType: "image/jpeg", bytes: followed(jpeg), expected: "accepted" },
    { name: "PNG before an archive", contentType: "image/png", bytes: followed(png), expected: "accepted" },
    { name: "WebP before an archive", contentType: "image/webp", bytes: followed(webp), expected: "accepted" },
    { name: "HEIC before an archive", contentType: "image/heic", bytes: followed(heic()), expected: "accepted" },
    { name: "video before an archive", contentType: "video/mp4", bytes: followed(mp4()), expected: "UNDECODABLE" },
    {
      name: "document before an archive",
      contentType: "application/pdf",
      bytes: followed(pdf()),
      expected: "UNDECODABLE",
    },
  ];
}

/** Boxes that contain other boxes, and the number of bytes before the first inner box. */
const PARENTS: Readonly<Record<string, number>> = {
  moov: 0,
  trak: 0,
  mdia: 0,
  minf: 0,
  stbl: 0,
  mvex: 0,
  moof: 0,
  traf: 0,
  iprp: 0,
  ipco: 0,
  meta: 4,
  iref: 4,
  iinf: 6,
  stsd: 8,
};

/** The offsets at which a box begins or ends, or at which its children begin. */
const boundariesOf = (file: Buffer, from: number, to: number): number[] =>
  boxesIn(file, from, to).flatMap(({ type, start, end }) => {
    const skip = PARENTS[type];
    return [start, ...(skip === undefined ? [] : boundariesOf(file, start + skip, end)), end];
  });

function truncated(): RareFile[] {
  const wholes: readonly (readonly [name: string, contentType: ContentType, file: Buffer])[] = [
    ["HEIC", "image/heic", heic({ exif: Buffer.concat([uint(4, 0), Hostile.tiff([[]])]) })],
    ["HEIC sequence", "image/heic", heicSequence()],
    ["video", "video/mp4", mp4()],
    ["fragmented video", "video/mp4", fragmentedMp4()],
    ["QuickTime video", "video/quicktime", quickTime()],
    ["video of 64 bits", "video/quicktime", with64BitMedia(quickTime())],
  ];
  return wholes.flatMap(([name, contentType, file]) => {
    const cuts = new Set(boundariesOf(file, 0, file.length).filter((at) => at >= 16 && at < file.length));
    return [...cuts].map((at): RareFile => ({
      name: `${name} cut at the box boundary ${at}`,
      contentType,
      bytes: file.subarray(0, at),
      expected: "UNDECODABLE",
    }));
  });
}

/** Tags of dates, the camera, the orientation, the place and the other directories. */
const TAGS = [0x010f, 0x0110, 0x0112, 0x0132, 0x8769, 0x8825, 0x9003, 0x9004, 0x9010, 0x9011, 1, 2, 3, 4, 7, 0x1d];

/** Pictures whose EXIF entries have no readable value: their count is 0, or their type is unknown. */
function withoutLengths(jpeg: Buffer, png: Buffer, webp: Buffer): RareFile[] {
  const blocks = [
    [0, 2],
    [0, 5],
    [1, 0],
    [0xffffffff, 0xffff],
  ].map(([count = 0, type = 0]) => Hostile.tiff([TAGS.map((tag) => [tag, type, count, 8])]));
  return [Hostile.tiff([[]]), ...blocks].flatMap((exif, index): RareFile[] => {
    const name = `EXIF without values, ${index + 1}`;
    const expected = "accepted";
    return [
      {
        name: `JPEG with ${name}`,
        contentType: "image/jpeg",
        bytes: Hostile.withSegments(jpeg, [Buffer.concat([latin1("Exif\0\0"), exif])]),
        expected,
      },
      {
        name: `PNG with ${name}`,
        contentType: "image/png",
        bytes: Hostile.withChunks(png, [["eXIf", exif]]),
        expected,
      },
      {
        name: `WebP with ${name}`,
        contentType: "image/webp",
        bytes: Hostile.withWebpChunks(webp, [WIDTH, HEIGHT], [["EXIF", exif]]),
        expected,
      },
      {
        name: `HEIC with ${name}`,
        contentType: "image/heic",
        bytes: heic({ exif: Buffer.concat([uint(4, 0), exif]) }),
        expected,
      },
    ];
  });
}

/** Pictures with a large colour profile: one of 9 MB, or a compressed one that expands when it is read. */
function profiles(jpeg: Buffer, png: Buffer, webp: Buffer): RareFile[] {
  const profile = Buffer.alloc(9_000_000, "icc");
  const parts = Array.from({ length: 138 }, (_, index) =>
    Buffer.concat([latin1("ICC_PROFILE\0"), Buffer.of(index + 1, 138), profile.subarray(0, 65_000)]),
  );
  const expanding = Buffer.concat([latin1("profile\0\0"), Hostile.BOMB]);
  return [
    {
      name: "JPEG with 9 MB of profile",
      contentType: "image/jpeg",
      bytes: Hostile.withSegments(jpeg, parts, 0xe2),
      expected: "accepted",
    },
    {
      name: "PNG with a profile of 100 MB",
      contentType: "image/png",
      bytes: Hostile.withChunks(png, [["iCCP", expanding]]),
      expected: "accepted",
    },
    {
      name: "WebP with 9 MB of profile",
      contentType: "image/webp",
      bytes: Hostile.withWebpChunks(webp, [WIDTH, HEIGHT], [["ICCP", profile]]),
      expected: "accepted",
    },
    {
      name: "HEIC with 9 MB of profile",
      contentType: "image/heic",
      bytes: heic({ turns: [box("colr", "prof", profile)] }),
      expected: "any",
    },
  ];
}

/** HEIF pictures in other codecs that claim to be HEIC by name, by brand, and by their properties. */
function otherCodecs(avif: Buffer): RareFile[] {
  const replaced = (file: Buffer, from: string, to: string) => latin1(file.toString("latin1").replaceAll(from, to));
  const asHeic = { contentType: "image/heic", expected: "TYPE_MISMATCH" } as const;
  return [
    { ...asHeic, name: "AVIF named .heic", bytes: avif },
    { ...asHeic, name: "AVIF with the brand of HEIC", bytes: replaced(avif, "avif", "heic") },
    ...["av01", "avc1", "vvc1", "j2k1"].map((type) => ({
      ...asHeic,
      name: `HEIC with an item of type ${type}`,
      bytes: replaced(heic(), "hvc1\0", `${type}\0`),
    })),
  ];
}

/** QuickTime videos that begin with their media data (box `mdat`), whose length is a 64-bit number. */
function longMedia(): RareFile[] {
  const asMov = { contentType: "video/quicktime" } as const;
  const video = quickTime();
  const wrong = [0n, 15n, 16n, 2n ** 32n, 2n ** 63n, 2n ** 64n - 1n];
  return [
    { ...asMov, name: "video of 64 bits", bytes: with64BitMedia(video), expected: "accepted" },
    ...wrong.map((size) => ({
      ...asMov,
      name: `video whose media has ${size} bytes`,
      bytes: with64BitMedia(video, size),
      expected: "UNDECODABLE" as const,
    })),
    {
      ...asMov,
      name: "video without its type",
      bytes: with64BitMedia(video).subarray(video.readUInt32BE(0)),
      expected: "TYPE_MISMATCH",
    },
  ];
}

/** Animated WebP pictures of many small frames. */
async function frames(): Promise<RareFile[]> {
  const frame = (await plain(16, 16).webp({ lossless: true }).toBuffer()).subarray(12);
  const extended = Buffer.alloc(10);
  extended.writeUInt8(0x02, 0); // the flag of an animation
  extended.writeUIntLE(WIDTH - 1, 4, 3);
  extended.writeUIntLE(HEIGHT - 1, 7, 3);
  const head = Buffer.alloc(16);
  head.writeUIntLE(15, 6, 3);
  head.writeUIntLE(15, 9, 3);
  head.writeUIntLE(1, 12, 3); // the frame is shown for a millisecond
  const one = Hostile.webpChunk("ANMF", Buffer.concat([head, frame]));
  const animation = (count: number) =>
    Hostile.webpChunk(
      "RIFF",
      Buffer.concat([
        latin1("WEBP"),
        Hostile.webpChunk("VP8X", extended),
        Hostile.webpChunk("ANIM", Buffer.alloc(6)),
        ...Array.from({ length: count }, () => one),
      ]),
    );
  const asWebp = { contentType: "image/webp" } as const;
  return [
    { ...asWebp, name: "animation of 900 frames", bytes: animation(900), expected: "any" },
    { ...asWebp, name: "animation of 10,000 frames", bytes: animation(10_000), expected: "METADATA_TOO_COMPLEX" },
  ];
}

async function scans(): Promise<RareFile[]> {
  const progressive = await plain(WIDTH, HEIGHT).jpeg({ progressive: true }).toBuffer();
  const own = progressive.toString("latin1").split("\xff\xda").length - 1;
  return [
    {
      name: "JPEG of 100 scans",
      contentType: "image/jpeg",
      bytes: Hostile.withScans(progressive, 100 - own),
      expected: "any",
    },
    {
      name: "JPEG of 101 scans",
      contentType: "image/jpeg",
      bytes: Hostile.withScans(progressive, 101 - own),
      expected: "TOO_MANY_SCANS",
    },
  ];
}

const ENTRIES = 30_000_000;

/**
 * Builds a PDF with one cross-reference stream, the compressed form of the table of objects.
 * @param dictionary the rest of the stream's dictionary
 */
function documentOf(dictionary: string, table: Buffer): Buffer {
  const packed = deflateSync(table);
  const start = `%PDF-1.7\n1 0 obj\n<</Type/XRef${dictionary}/Root 1 0 R/Filter/FlateDecode/Length ${packed.length}>>\nstream\n`;
  return Buffer.concat([latin1(start), packed, latin1("\nendstream\nendobj\nstartxref\n9\n%%EOF\n")]);
}

/**
 * Builds a PDF with one long table of free objects after 30 spaces. Thirty trailers refer to this table, each at
 * another offset of these spaces, so that a parser which compares only offsets reads the table thirty times.
 */
function documentOfOneTable(): Buffer {
  const header = "%PDF-1.7\n";
  const links = 30;
  const trailerOf = (index: number, table: number, next: string) =>
    `xref\ntrailer\n<</Size 1/Root 1 0 R/Prev ${String(table + index).padStart(10, "0")}${next}>>\nstartxref\n0\n`.padEnd(
      200,
    );
  const table = header.length + links * 200;
  const trailers = Array.from({ length: links }, (_, index) =>
    trailerOf(index, table, index + 1 < links ? `/XRefStm ${header.length + (index + 1) * 200}` : ""),
  );
  const count = 400_000;
  const entries = "0000000000 65535 f \n".repeat(count);
  const end = `trailer\n<</Size 1>>\nstartxref\n${header.length}\n%%EOF\n`;
  return latin1(`${header}${trailers.join("")}${" ".repeat(links)}xref\n0 ${count}\n${entries}${end}`);
}

/** Files that are costly to parse, or would fill the parser's memory. */
export async function rareBombs(): Promise<readonly HostileFile[]> {
  const [png, progressive] = await Promise.all([
    painted().png().toBuffer(),
    plain(4_000, 3_000).jpeg({ progressive: true }).toBuffer(),
  ]);
  // Each `zTXt` chunk expands to just below the parser's limit for texts, and contains no EXIF profile, so that the
  // parser reads the next chunk as well.
  const text = Buffer.concat([latin1("Raw profile type exif\0\0"), deflateSync(Buffer.alloc(262_000, " "))]);
  const chunks = Array.from({ length: 900 }, () => ["zTXt", text] as const);
  const mayBeAccepted = true as const;
  return [
    {
      name: "PNG with 900 texts that expand",
      contentType: "image/png",
      bytes: () => Hostile.withChunks(png, chunks),
      mayBeAccepted,
    },
    {
      name: "PNG with a profile that expands to 100 MB",
      contentType: "image/png",
      bytes: () =>
        Hostile.withChunks(png, [["zTXt", Buffer.concat([latin1("Raw profile type exif\0\0"), Hostile.BOMB])]]),
      mayBeAccepted,
    },
    {
      name: "JPEG of 12 megapixels and 90 scans",
      contentType: "image/jpeg",
      bytes: () => Hostile.withScans(progressive, 80),
      mayBeAccepted,
    },
    {
      name: "document whose objects expand to 100 MB",
      contentType: "application/pdf",
      bytes: () => packedPdf(12, 12_000, Buffer.alloc(100_000_000)),
    },
    {
      name: "document of 30 million free objects",
      contentType: "application/pdf",
      bytes: () => documentOf(`/W[1 0 0]/Index[0 ${ENTRIES}]`, Buffer.alloc(ENTRIES)),
    },
    { name: "document of one table at 30 places", contentType: "application/pdf", bytes: documentOfOneTable },
  ];
}
