import { crc32, deflateSync } from "node:zlib";
import { box, heic, mp4 } from "./files.ts";

/**
 * Files that keep a naive parser busy or fill its memory. Apart from that, each is a valid picture, document or video.
 */

type Entry = readonly [tag: number, type: number, count: number, value: number];

/** A TIFF structure: a chain of directories, each with its entries and the offset of the next directory. */
export function tiff(directories: readonly (readonly Entry[])[], links: readonly number[] = [], more = ""): Buffer {
  const parts = [Buffer.from("II*\0\x08\0\0\0", "latin1")];
  for (const [index, entries] of directories.entries()) {
    const directory = Buffer.alloc(2 + entries.length * 12 + 4);
    directory.writeUInt16LE(entries.length, 0);
    for (const [at, [tag, type, count, value]] of entries.entries()) {
      directory.writeUInt16LE(tag, 2 + at * 12);
      directory.writeUInt16LE(type, 4 + at * 12);
      directory.writeUInt32LE(count, 6 + at * 12);
      directory.writeUInt32LE(value, 10 + at * 12);
    }
    directory.writeUInt32LE(links[index] ?? 0, directory.length - 4);
    parts.push(directory);
  }
  return Buffer.concat([...parts, Buffer.from(more, "latin1")]);
}

const POINTERS = [0x8769, 0x8825, 0xa005];

/** A directory whose entries refer to the directory itself: `count` entries make a naive parser follow 2^count paths. */
export const ownDirectories = (count: number): Buffer =>
  tiff([Array.from({ length: count }, (_, index): Entry => [POINTERS[index % 3] ?? 0, 4, 1, 8])]);

/** A chain of a thousand directories whose end refers to its beginning. */
export function chainedDirectories(): Buffer {
  const size = 2 + 12 + 4;
  const start = (index: number) => 8 + (index % 1000) * size;
  const entry = (index: number): readonly Entry[] => [[POINTERS[index % 3] ?? 0, 4, 1, start(index + 1)]];
  const chain = Array.from({ length: 1000 }, (_, index) => index);
  return tiff(
    chain.map(entry),
    chain.map((index) => start(index + 1)),
  );
}

/** Overlapping tags that claim to have four billion values. */
export const endlessValues = (): Buffer =>
  tiff([Array.from({ length: 3000 }, (_, index): Entry => [0x9000 + index, 5, 0xffffffff, 8])]);

/** XML with entities that expand to a billion, and with deeply nested elements. */
export const xmp = (): string => {
  const entities = Array.from({ length: 9 }, (_, n) => `<!ENTITY e${n + 1} "${`&e${n};`.repeat(10)}">`).join("");
  return `<!DOCTYPE x [<!ENTITY e0 "lol">${entities}]><x:xmpmeta>&e9;${"<a>".repeat(15_000)}</x:xmpmeta>`;
};

/** Compressed bytes that expand to 100 MB. */
export const BOMB = deflateSync(Buffer.alloc(100_000_000), { level: 6 });

const segment = (marker: number, content: Buffer) => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
};

/** A JPEG with segments of metadata inserted after its first two bytes. */
export const withSegments = (jpeg: Buffer, contents: readonly Buffer[], marker = 0xe1): Buffer =>
  Buffer.concat([jpeg.subarray(0, 2), ...contents.map((content) => segment(marker, content)), jpeg.subarray(2)]);

const pngChunk = (type: string, content: Buffer) => {
  const body = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
};

/** A progressive JPEG whose last scan is repeated `times` times. */
export function withScans(progressive: Buffer, times: number): Buffer {
  const [last, end] = [progressive.lastIndexOf(Buffer.from([0xff, 0xda])), progressive.length - 2];
  const scan = progressive.subarray(last, end);
  return Buffer.concat([
    progressive.subarray(0, end),
    ...Array.from({ length: times }, () => scan),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** A PNG with chunks of metadata inserted after its header. */
export const withChunks = (png: Buffer, chunks: readonly (readonly [type: string, content: Buffer])[]): Buffer =>
  Buffer.concat([png.subarray(0, 33), ...chunks.map(([type, content]) => pngChunk(type, content)), png.subarray(33)]);

/** A chunk of a WebP. */
export function webpChunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(type, "latin1"), length, content, Buffer.alloc(content.length % 2)]);
}

/** A WebP in the extended form, with chunks of metadata after its picture. */
export function withWebpChunks(
  webp: Buffer,
  [width, height]: readonly [number, number],
  chunks: readonly (readonly [type: string, content: Buffer])[],
): Buffer {
  const extended = Buffer.alloc(10);
  extended.writeUInt8(0x2c, 0); // flags: ICC, EXIF and XMP are present
  extended.writeUIntLE(width - 1, 4, 3);
  extended.writeUIntLE(height - 1, 7, 3);
  const parts = [
    webpChunk("VP8X", extended),
    webp.subarray(12),
    ...chunks.map(([type, content]) => webpChunk(type, content)),
  ];
  return webpChunk("RIFF", Buffer.concat([Buffer.from("WEBP"), ...parts]));
}

/** A PDF whose cross-reference table expands to hundreds of megabytes. */
export function pdfBomb(): Buffer {
  const packed = deflateSync(Buffer.alloc(200_000_000), { level: 6 });
  const start = Buffer.from(
    `%PDF-1.7\n1 0 obj\n<</Type/XRef/W[1 4 2]/Index[0 4000000000]/Root 1 0 R/Filter/FlateDecode/Length ${packed.length}>>\nstream\n`,
  );
  return Buffer.concat([start, packed, Buffer.from("\nendstream\nendobj\nstartxref\n9\n%%EOF\n")]);
}

/** A PDF whose cross-reference tables form a loop, and whose objects are nested in themselves. */
export function pdfLoop(): Buffer {
  const table = "xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000009 00000 n \n";
  const text = `%PDF-1.7\n1 0 obj\n<</Type/Pages/Pages 1 0 R/Kids[1 0 R]>>\nendobj\n`;
  const filler = `%${"x".repeat(12_000)}\n`;
  const at = text.length + filler.length;
  return Buffer.from(
    `${text}${filler}${table}trailer\n<</Size 3/Root 1 0 R/Prev ${at}/XRefStm ${at}>>\nstartxref\n${at}\n%%EOF\n`,
  );
}

/** A million empty boxes. */
const emptyBoxes = () => Buffer.concat(Array.from({ length: 1_000_000 }, () => box("free")));
export const mp4Boxes = (): Buffer => Buffer.concat([mp4(), box("moov", emptyBoxes())]);
export const heicBoxes = (): Buffer => Buffer.concat([heic(), box("meta", 0, emptyBoxes())]);

/** A HEIC picture with 60,000 items, each of which contains the whole picture. */
export function heicItems(): Buffer {
  const items = 60_000;
  const places = Buffer.alloc(8 + items * 14);
  places.writeUInt32BE(0, 0);
  places.writeUInt16BE(0x4400, 4);
  places.writeUInt16BE(items, 6);
  for (let item = 0; item < items; item += 1) {
    places.writeUInt16BE(item + 1, 8 + item * 14);
    places.writeUInt16BE(1, 12 + item * 14);
    places.writeUInt32BE(100, 14 + item * 14);
    places.writeUInt32BE(50_000, 18 + item * 14);
  }
  return heic({ places: box("iloc", places) });
}
