import { createHash, timingSafeEqual } from "node:crypto";
import exifr from "exifr";
import { fileTypeFromBuffer } from "file-type";
import sharp from "sharp";
import * as v from "valibot";
import { isWellBuilt, saysHeic } from "./containers.ts";
import { CONTENT_TYPES, SMALLEST_PICTURE } from "./file-rules.ts";
import type { OwnTime, Place } from "./findings.ts";
import { pictureHash } from "./picture-hash.ts";

/** A small file can hold far more pixels than this, and would fill the memory. */
const PIXEL_LIMIT = 5e7;
/** Phones make up to 200 megapixels. A baseline JPEG is shrunk while it is read: one of 200 (16,320×12,240) takes 80 MB in all. */
const BASELINE_PIXEL_LIMIT = 2.5e8;
const THUMBNAIL_EDGE = 320;
const EXIF_HEAD = Buffer.from("Exif\0\0", "latin1");

export interface Declared {
  readonly contentType: string;
  readonly sizeBytes: number;
  /** SHA-256 hex. */
  readonly sha256: string;
}

export interface Exif extends OwnTime {
  readonly place?: Place;
  readonly camera?: string;
}

export type FileResult =
  | {
      readonly ok: true;
      readonly exif: Exif;
      readonly thumbnail: Uint8Array | undefined;
      /** See {@link pictureHash}; undefined for what is no picture, or one whose pixels are not read. */
      readonly looks: string | undefined;
    }
  | { readonly ok: false; readonly code: string; readonly detail: string };

const refuse = (code: string, detail: string): FileResult => ({ ok: false, code, detail });

/**
 * Holds the bytes of an upload against what was declared: hash, length, type by magic number and by decoding (or, where nothing
 * here can, by how the file is built), size of a picture.
 */
export async function examineFile(bytes: Uint8Array, declared: Declared): Promise<FileResult> {
  const actual = createHash("sha256").update(bytes).digest();
  if (bytes.byteLength !== declared.sizeBytes)
    return refuse("SIZE_MISMATCH", "The file has another length than was declared.");
  if (!timingSafeEqual(actual, Buffer.from(declared.sha256, "hex")))
    return refuse("HASH_MISMATCH", "The file's SHA-256 is not media_hash.");
  const magic = await fileTypeFromBuffer(bytes);
  const mime = magic?.mime.startsWith("image/heif") && saysHeic(bytes) ? "image/heic" : magic?.mime;
  const type = CONTENT_TYPES.find((known) => known === mime);
  if (type === undefined || type !== declared.contentType)
    return refuse("TYPE_MISMATCH", `The file is not ${declared.contentType}.`);
  if (!isWellBuilt(bytes, type)) return refuse("UNDECODABLE", `The file is broken, or not built as ${type}.`);
  if (!type.startsWith("image/")) return { ok: true, exif: {}, thumbnail: undefined, looks: undefined };
  return examinePicture(bytes, type === "image/heic");
}

/** What is only odd, such as stray bytes between the parts of a JPEG, some phones write in every picture: it is not held against it. */
async function examinePicture(bytes: Uint8Array, isHeic: boolean): Promise<FileResult> {
  try {
    const metadata = await sharp(bytes, { limitInputPixels: false, failOn: "error" }).metadata(); // of the head alone
    const edges = [metadata.width, metadata.height].toSorted((a, b) => b - a);
    if ((edges[0] ?? 0) < SMALLEST_PICTURE.width || (edges[1] ?? 0) < SMALLEST_PICTURE.height) {
      return refuse(
        "PICTURE_TOO_SMALL",
        `A picture must have at least ${SMALLEST_PICTURE.width}×${SMALLEST_PICTURE.height} pixels.`,
      );
    }
    const isBaseline = metadata.format === "jpeg" && !metadata.isProgressive; // that is one scan
    const limitInputPixels = isBaseline || isHeic ? BASELINE_PIXEL_LIMIT : PIXEL_LIMIT;
    const pixels = metadata.width * metadata.height;
    if (pixels > limitInputPixels) {
      const [has, most, mostBaseline] = [pixels, PIXEL_LIMIT, BASELINE_PIXEL_LIMIT].map((count) =>
        Math.ceil(count / 1e6),
      );
      return refuse(
        "TOO_MANY_PIXELS",
        `The picture has ${has} megapixels; at most ${most} are read, of a baseline JPEG or a HEIC ${mostBaseline}.`,
      );
    }
    const exif = await readExif(metadata.exif);
    // The library that ships with sharp reads a HEIC's header and metadata, not its pixels.
    if (isHeic) return { ok: true, exif, thumbnail: undefined, looks: undefined };
    const thumbnail = await sharp(bytes, { limitInputPixels, failOn: "error" })
      .rotate()
      .resize(THUMBNAIL_EDGE, THUMBNAIL_EDGE, { fit: "inside" })
      .jpeg({ quality: 75 })
      .toBuffer();
    return { ok: true, exif, thumbnail, looks: await pictureHash(bytes, limitInputPixels) };
  } catch {
    return refuse("UNDECODABLE", "The picture cannot be decoded.");
  }
}

const time = v.pipe(v.string(), v.regex(/^\d{4}:\d{2}:\d{2} \d{2}:\d{2}:\d{2}/));
const part = (below: number) => v.pipe(v.number(), v.minValue(0), v.ltValue(below));
const Tags = v.object({
  DateTimeOriginal: v.fallback(v.optional(time), undefined),
  OffsetTimeOriginal: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^[+-]\d{2}:\d{2}/))), undefined),
  Make: v.fallback(v.optional(v.string()), undefined),
  Model: v.fallback(v.optional(v.string()), undefined),
  GPSDateStamp: v.fallback(v.optional(v.pipe(v.string(), v.regex(/^\d{4}:\d{2}:\d{2}/))), undefined),
  GPSTimeStamp: v.fallback(v.optional(v.tuple([part(24), part(60), part(60)])), undefined),
  latitude: v.fallback(v.optional(v.pipe(v.number(), v.finite())), undefined),
  longitude: v.fallback(v.optional(v.pipe(v.number(), v.finite())), undefined),
});

/** EXIF is written by anyone: what cannot be read is absent, never an error. */
async function readExif(block: Uint8Array | undefined): Promise<Exif> {
  if (!block) return {};
  const raw: unknown = await exifr
    .parse(withoutHead(block), { tiff: true, exif: true, gps: true, reviveValues: false })
    .catch(() => undefined);
  const tags = v.safeParse(Tags, raw ?? {});
  if (!tags.success) return {};
  const { DateTimeOriginal, OffsetTimeOriginal, GPSDateStamp, GPSTimeStamp, Make, Model, latitude, longitude } =
    tags.output;
  const camera = storable([Make, Model].filter(Boolean).join(" "));
  return {
    ...(DateTimeOriginal ? { taken: { local: toIso(DateTimeOriginal), offset: OffsetTimeOriginal?.slice(0, 6) } } : {}),
    ...(GPSDateStamp && GPSTimeStamp ? { gpsTime: toUtc(GPSDateStamp, GPSTimeStamp) } : {}),
    ...(latitude !== undefined && longitude !== undefined ? { place: { lat: latitude, lon: longitude } } : {}),
    ...(camera ? { camera } : {}),
  };
}

/** PostgreSQL keeps no NUL, and no half of a character. */
const storable = (text: string) => text.replaceAll("\u0000", " ").slice(0, 200).toWellFormed();

/** The block begins as it does inside of a JPEG, with six bytes before what is a TIFF file of its own; the reader knows that only. */
function withoutHead(block: Uint8Array): Buffer {
  const bytes = Buffer.from(block);
  return bytes.subarray(0, 6).equals(EXIF_HEAD) ? bytes.subarray(6) : bytes;
}

/** `2026:05:01`, `[9, 30, 0.5]` → `2026-05-01T09:30:00Z`. */
const toUtc = (date: string, parts: readonly number[]) =>
  `${date.slice(0, 10).replaceAll(":", "-")}T${parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":")}Z`;

/** `2026:05:01 09:30:00` → `2026-05-01T09:30:00`. */
const toIso = (exif: string) => `${exif.slice(0, 10).replaceAll(":", "-")}T${exif.slice(11, 19)}`;
