import { createHash, timingSafeEqual } from "node:crypto";
import { readContentCredentials } from "./content-credentials.ts";
import { decode, decodeReduced } from "./decode.ts";
import { readExif } from "./exif.ts";
import { openHeic } from "./heic.ts";
import { decodeHeic } from "./heic-pixels.ts";
import { readFacts } from "./facts.ts";
import { fileTypeOf } from "./file-type.ts";
import { openJpeg } from "./jpeg.ts";
import { LARGE_PIXEL_LIMIT, type OpenedPicture, PIXEL_LIMIT } from "./opened.ts";
import { openPng } from "./png.ts";
import { Refusal } from "./refusal.ts";
import type { Declared, FileResult } from "./result.ts";
import { openWebp } from "./webp.ts";
import { SMALLEST_PICTURE } from "../file-rules.ts";

const MEGABYTE = 1024 * 1024;
const DEFAULT_PICTURE_MEGABYTES = 352;

/**
 * Compares an uploaded file with its declaration: hash, length, type by magic number and by structure, size of a
 * picture. Decodes pictures. Reads EXIF data itself and never passes it to the decoder. Runs in a child process ({@link
 * runExaminer}), which may be killed at any time.
 * @param pictureMegabytes memory limit of the decoder for a picture
 * @param trustAnchors see {@link readContentCredentials}
 */
export async function examineFile(
  bytes: Uint8Array,
  declared: Declared,
  pictureMegabytes = DEFAULT_PICTURE_MEGABYTES,
  trustAnchors = "",
): Promise<FileResult> {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return refusing(declared, async () => {
    assertDeclared(file, declared);
    const result = await examine(file, declared, pictureMegabytes);
    if (!result.ok || result.likeness === undefined) return result;
    const contentCredentials = await readContentCredentials(file, trustAnchors);
    return contentCredentials ? { ...result, exif: { ...result.exif, contentCredentials } } : result;
  });
}

/** Runs `work`, and turns its errors into a refusal of the file. */
export async function refusing(declared: Declared, work: () => Promise<FileResult>): Promise<FileResult> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, code: error.code, detail: error.message };
    const detail = `The file is damaged or is no valid ${declared.contentType}.`;
    return { ok: false, code: "UNDECODABLE", detail };
  }
}

async function examine(file: Buffer, { contentType }: Declared, pictureMegabytes: number): Promise<FileResult> {
  switch (contentType) {
    case "image/jpeg":
      return examinePicture(openJpeg(file), pictureMegabytes);
    case "image/png":
      return examinePicture(openPng(file), pictureMegabytes);
    case "image/webp":
      return examinePicture(openWebp(file), pictureMegabytes);
    case "image/heic":
      return examineHeic(file, pictureMegabytes);
    case "application/pdf":
    case "video/mp4":
    case "video/quicktime":
      return { ok: true, exif: readFacts(file, contentType), thumbnail: undefined, likeness: undefined };
  }
}

/**
 * Checks length, hash and magic number of a file.
 * @throws Refusal SIZE_MISMATCH, HASH_MISMATCH, TYPE_MISMATCH
 */
export function assertDeclared(file: Buffer, { contentType, sizeBytes, sha256 }: Declared): void {
  if (file.length !== sizeBytes) throw new Refusal("SIZE_MISMATCH", "The file's length differs from the declared one.");
  const actual = createHash("sha256").update(file).digest();
  if (!timingSafeEqual(actual, Buffer.from(sha256, "hex")))
    throw new Refusal("HASH_MISMATCH", "The file's SHA-256 differs from media_hash.");
  const found = fileTypeOf(file);
  if (found.contentType !== contentType)
    throw new Refusal("TYPE_MISMATCH", `The file is ${found.name}, not ${contentType}.`);
}

async function examineHeic(file: Buffer, pictureMegabytes: number): Promise<FileResult> {
  const picture = openHeic(file);
  assertSize(picture, pictureMegabytes);
  const { exif } = readExif(picture.exif, picture.xmp); // ignores the EXIF orientation: a HEIC states it in its properties
  if (picture.isSequence) return { ok: true, exif, thumbnail: undefined, likeness: undefined };
  return { ok: true, exif, ...(await decodeReduced(await decodeHeic(file), picture.turns)) };
}

async function examinePicture(picture: OpenedPicture, pictureMegabytes: number): Promise<FileResult> {
  assertSize(picture, pictureMegabytes);
  const { exif, orientation } = readExif(picture.exif, picture.xmp);
  if (!picture.pixels) throw new Error("a picture without pixels");
  return { ok: true, exif, ...(await decode(picture.pixels, orientation, picture.mostPixels)) };
}

function assertSize(picture: OpenedPicture, pictureMegabytes: number): void {
  const { width, height } = picture;
  const [longer, shorter] = [Math.max(width, height), Math.min(width, height)];
  if (longer < SMALLEST_PICTURE.width || shorter < SMALLEST_PICTURE.height)
    throw new Refusal(
      "PICTURE_TOO_SMALL",
      `A picture must have at least ${SMALLEST_PICTURE.width}×${SMALLEST_PICTURE.height} pixels.`,
    );
  assertMemory(picture, pictureMegabytes);
}

/**
 * Checks that a picture can be decoded within the limits.
 * @throws Refusal TOO_MANY_PIXELS
 */
export function assertMemory(
  { width, height, memoryBytes, mostPixels }: OpenedPicture,
  pictureMegabytes: number,
): void {
  const megapixels = (count: number) => Math.ceil(count / 1e6);
  if (width * height > mostPixels)
    throw new Refusal(
      "TOO_MANY_PIXELS",
      `The picture has ${megapixels(width * height)} megapixels; the limit is ${megapixels(PIXEL_LIMIT)}, or ${megapixels(LARGE_PIXEL_LIMIT)} for a baseline JPEG or a HEIC.`,
    );
  if (memoryBytes > pictureMegabytes * MEGABYTE)
    throw new Refusal(
      "TOO_MANY_PIXELS",
      `Decoding the picture needs ${Math.ceil(memoryBytes / MEGABYTE)} MB; the limit is ${pictureMegabytes} MB. Save it without interlacing, or with 8 bits per colour.`,
    );
}
