import { randomBytes } from "node:crypto";
import { deflateSync } from "node:zlib";
import { PICTURE, PICTURE_DECODER } from "./hevc.ts";

/** Files in the formats of phones and programs, as small as possible, each with unique content. */

/**
 * A PDF with an empty page, and a stream of `fill` bytes.
 * @param before bytes before the header; all offsets count from their start
 */
export function pdf(fill = 12_000, before = ""): Buffer {
  const objects = [
    Buffer.from("<</Type/Catalog/Pages 2 0 R>>"),
    Buffer.from("<</Type/Pages/Kids[3 0 R]/Count 1>>"),
    Buffer.from("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"),
    Buffer.concat([Buffer.from(`<</Length ${fill}>>stream\n`), randomBytes(fill), Buffer.from("\nendstream")]),
  ];
  let file = Buffer.from(`${before}%PDF-1.7\n%\u00e2\u00e3\n`);
  const entries = objects.map((object, index) => {
    const at = file.length;
    file = Buffer.concat([file, Buffer.from(`${index + 1} 0 obj\n`), object, Buffer.from("\nendobj\n")]);
    return `${String(at).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 5\n0000000000 65535 f \n${entries.join("")}trailer\n<</Size 5/Root 1 0 R>>\n`;
  return Buffer.concat([file, Buffer.from(`${table}startxref\n${file.length}\n%%EOF\n`)]);
}

/**
 * The same PDF in the form of current programs: objects in an object stream, and a cross-reference stream.
 * @param more bytes after the objects in the object stream
 */
export function packedPdf(predictor: number, fill = 12_000, more: Buffer = Buffer.alloc(0)): Buffer {
  const objects = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R]/Count 1>>",
    "<</Type/Page/Parent 2 0 R>>",
  ];
  const starts = objects.map((_, index) => objects.slice(0, index).join("\n").length + (index > 0 ? 1 : 0));
  const head = starts.map((start, index) => `${index + 1} ${start}`).join(" ") + "\n";
  const stream = (id: number, dictionary: string, content: Buffer) =>
    Buffer.concat([
      Buffer.from(`${id} 0 obj\n<<${dictionary}/Filter/FlateDecode/Length ${content.length}>>\nstream\n`),
      content,
      Buffer.from("\nendstream\nendobj\n"),
    ]);
  const start = Buffer.from("%PDF-1.7\n");
  const packed = deflateSync(Buffer.concat([Buffer.from(head + objects.join("\n")), more]));
  const first = stream(4, `/Type/ObjStm/N 3/First ${head.length}`, packed);
  const noise = stream(6, "", deflateSync(randomBytes(fill)));
  const at = start.length + first.length + noise.length;
  const rows = [
    [0, 0, 0xffff],
    [2, 4, 0],
    [2, 4, 1],
    [2, 4, 2],
    [1, start.length, 0],
    [1, at, 0],
    [1, start.length + first.length, 0],
  ].map(([kind = 0, place = 0, rest = 0]) => Buffer.concat([uint(1, kind), uint(4, place), uint(2, rest)]));
  const up = rows.map((row, index) =>
    Buffer.concat([uint(1, 2), row.map((byte, c) => byte - (rows[index - 1]?.[c] ?? 0))]),
  );
  const decode = predictor === 1 ? "" : `/DecodeParms<</Predictor ${predictor}/Columns 7>>`;
  const table = deflateSync(Buffer.concat(predictor === 1 ? rows : up));
  const last = stream(5, `/Type/XRef/Size 7/W[1 4 2]/Root 1 0 R${decode}`, table);
  return Buffer.concat([start, first, noise, last, Buffer.from(`startxref\n${at}\n%%EOF\n`)]);
}

export type Part = Buffer | string | number;
/** The bytes of a part. Numbers are encoded in 32 bits. */
const bytesOf = (part: Part) =>
  typeof part === "number" ? uint(4, part) : typeof part === "string" ? Buffer.from(part, "latin1") : part;

export function uint(size: number, value: number): Buffer {
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(value, 0, size);
  return bytes;
}

/** A box of an ISO media file, with its length in 32 bits. */
export function box(type: string, ...parts: readonly Part[]): Buffer {
  const content = Buffer.concat(parts.map(bytesOf));
  return Buffer.concat([uint(4, content.length + 8), Buffer.from(type, "latin1"), content]);
}

/** An H.264 or H.265 unit with a length prefix, `size` bytes in total. */
function units(size: number): Buffer {
  // The content has no zeros, since encoders never write several zeros in a row.
  const bytes = Buffer.concat([uint(4, size - 4), randomBytes(size - 4).map((byte) => byte || 1)]);
  bytes.writeUInt8(0x26, 4);
  return bytes;
}

const DECODERS = {
  avc1: box("avcC", Buffer.from("014d401fffe10000", "hex")),
  hvc1: box("hvcC", Buffer.from("0101600000009000000000005af000fcfdf8f800000f00", "hex")),
};

/** A sample description for pictures of 1280×720 pixels. */
function description(codec: string, end: Part = ""): Buffer {
  const head = Buffer.alloc(78);
  head.writeUInt16BE(1, 6);
  head.writeUInt16BE(1280, 24);
  head.writeUInt16BE(720, 26);
  return box("stsd", 0, 1, box(codec, head, codec === "hvc1" ? DECODERS.hvc1 : DECODERS.avc1, end));
}

interface Mp4 {
  readonly codec?: string;
  /** The major brand, the minor version and the compatible brands. */
  readonly brands?: string;
  /** The end of the sample entry, for which QuickTime may write 32 bits of zero. */
  readonly entryEnd?: Part;
  /** Content of `mdat` in place of NAL units. */
  readonly fill?: Buffer;
}

const movieOf = (samples: Buffer, ...more: readonly Buffer[]) => {
  const media = box("mdia", box("mdhd", Buffer.alloc(24)), box("minf", box("vmhd", Buffer.alloc(12)), samples));
  return box("moov", box("mvhd", Buffer.alloc(100)), box("trak", box("tkhd", Buffer.alloc(84)), media), ...more);
};

/** A video with one track of two samples of `size` bytes. */
export function mp4(
  size = 110_000,
  { codec = "avc1", brands = "isom\0\0\x02\0isomiso2avc1mp41", entryEnd, fill }: Mp4 = {},
): Buffer {
  const [first, second] = [Math.floor(size / 2), Math.ceil(size / 2)];
  const type = box("ftyp", brands);
  const samples = box(
    "stbl",
    description(codec, entryEnd),
    box("stts", 0, 1, 2, 1000),
    box("stsc", 0, 1, 1, 2, 1),
    box("stsz", 0, 0, 2, first, second),
    box("stco", 0, 1, type.length + 8),
  );
  const pixels = fill ?? Buffer.concat([units(first), units(second)]);
  return Buffer.concat([type, box("mdat", pixels), movieOf(samples)]);
}

/** A video in the form that browsers record: one fragment with one sample. */
export function fragmentedMp4(sample: Buffer = units(110_000)): Buffer {
  const none = [box("stts", 0, 0), box("stsc", 0, 0), box("stsz", 0, 0, 0), box("stco", 0, 0)];
  const movie = movieOf(box("stbl", description("avc1"), ...none), box("mvex", box("trex", 0, 1, 1, 0, 0, 0)));
  const moof = (at: number) =>
    box("moof", box("mfhd", 0, 1), box("traf", box("tfhd", 0x020000, 1), box("trun", 0x000201, 1, at, sample.length)));
  return Buffer.concat([
    box("ftyp", "iso5", 512, "iso5iso6mp41"),
    movie,
    moof(moof(0).length + 8),
    box("mdat", sample),
  ]);
}

/** A HEIC picture with one HEVC item. @param places replaces the `iloc` box, which locates the item's data */
export function heic({
  width = 800,
  height = 600,
  brands = "heic\0\0\0\0mif1heic",
  pixels = PICTURE,
  turns = [],
  places,
  exif,
}: Heic = {}): Buffer {
  const fill = pixels.length;
  const properties = box("ipco", box("hvcC", PICTURE_DECODER), box("ispe", 0, width, height), ...turns);
  const ties = [uint(1, 0x81), uint(1, 2), ...turns.map((_, index) => uint(1, 0x80 | (index + 3)))];
  const links = box("ipma", 0, 1, uint(2, 1), uint(1, ties.length), ...ties);
  const item = (id: number, kind: string) => box("infe", 0x02000000, uint(2, id), uint(2, 0), `${kind}\0`);
  const items = box("iinf", 0, uint(2, exif ? 2 : 1), item(1, "hvc1"), ...(exif ? [item(2, "Exif")] : []));
  const place = (id: number, at: number, length: number) =>
    Buffer.concat([uint(2, id), uint(2, 0), uint(2, 1), uint(4, at), uint(4, length)]);
  const placesAt = (at: number) =>
    exif
      ? box("iloc", 0, uint(2, 0x4400), uint(2, 2), place(1, at, fill), place(2, at + fill, exif.length))
      : box("iloc", 0, uint(2, 0x4400), uint(2, 1), place(1, at, fill));
  const type = box("ftyp", brands);
  const meta = (at: number) =>
    box(
      "meta",
      0,
      box("hdlr", 0, 0, "pict", Buffer.alloc(13)),
      box("pitm", 0, uint(2, 1)),
      places ?? placesAt(at),
      items,
      box("idat", PICTURE),
      box("iprp", properties, links),
    );
  return Buffer.concat([type, meta(type.length + meta(0).length + 8), box("mdat", pixels, exif ?? "")]);
}

interface Heic {
  readonly width?: number;
  readonly height?: number;
  readonly brands?: string;
  /** Encoded picture data; by default {@link PICTURE}. */
  readonly pixels?: Buffer;
  /** Boxes that rotate or mirror the picture: `irot` and `imir`. */
  readonly turns?: readonly Buffer[];
  readonly places?: Buffer;
  /** The EXIF item, including the bytes before its data. */
  readonly exif?: Buffer;
}
