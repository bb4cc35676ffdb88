import { MOST_METADATA_PARTS, type OpenedPicture, PIXEL_LIMIT } from "./opened.ts";
import { tooComplex } from "./refusal.ts";

const HEADER_BYTES = 12;
const NEEDED = ["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF"];
/** The VP8X flags for alpha and animation; the other flags announce metadata, which is removed. */
const KEPT_FLAGS = 0x12;
/** Memory of a decoded picture per pixel: a lossy picture is kept as YUV and as RGBA, any other twice as RGBA. */
const [LOSSY_BYTES_PER_PIXEL, OTHER_BYTES_PER_PIXEL] = [5.5, 8];

/**
 * Parses a WebP (RFC 9649 §2).
 * @throws Refusal METADATA_TOO_COMPLEX; Error when the file is not a WebP or is truncated
 */
export function openWebp(file: Buffer): OpenedPicture {
  const end = 8 + file.readUInt32LE(4);
  if (end > file.length) throw new Error("a truncated WebP");
  const kept: Buffer[] = [];
  let [exif, xmp]: (Buffer | undefined)[] = [];
  let parts = 0;
  let size: ReturnType<typeof sizeOf>;
  for (let at = HEADER_BYTES; at + 8 <= end; parts += 1) {
    const type = file.toString("latin1", at, at + 4);
    const length = file.readUInt32LE(at + 4);
    const content = file.subarray(at + 8, at + 8 + length);
    if (content.length !== length) throw new Error("a truncated WebP chunk");
    if (parts > MOST_METADATA_PARTS) throw tooComplex();
    size ??= sizeOf(type, content);
    if (type === "EXIF") exif ??= content;
    if (type === "XMP ") xmp ??= content;
    if (NEEDED.includes(type)) kept.push(chunk(type, type === "VP8X" ? withoutMetadata(content) : content));
    at += 8 + length + (length % 2);
  }
  if (!size) throw new Error("a WebP without a picture");
  return { ...size, mostPixels: PIXEL_LIMIT, exif, xmp, pixels: riff(kept) };
}

/**
 * The size that the first chunk states. It can be relied on: decoders reject a picture whose pixels have another size.
 */
function sizeOf(type: string, content: Buffer) {
  if (type === "VP8X") return sized(content.readUIntLE(4, 3) + 1, content.readUIntLE(7, 3) + 1, OTHER_BYTES_PER_PIXEL);
  if (type === "VP8 ")
    return sized(content.readUInt16LE(6) & 0x3fff, content.readUInt16LE(8) & 0x3fff, LOSSY_BYTES_PER_PIXEL);
  if (type !== "VP8L") return undefined;
  const bits = content.readUInt32LE(1);
  return sized((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1, OTHER_BYTES_PER_PIXEL);
}

const sized = (width: number, height: number, bytesPerPixel: number) => ({
  width,
  height,
  memoryBytes: width * height * bytesPerPixel,
});

function withoutMetadata(content: Buffer): Buffer {
  const copy = Buffer.from(content);
  copy.writeUInt8(copy.readUInt8(0) & KEPT_FLAGS, 0);
  return copy;
}

function chunk(type: string, content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(type, "latin1"), length, content, Buffer.alloc(content.length % 2)]);
}

const riff = (chunks: readonly Buffer[]) => chunk("RIFF", Buffer.concat([Buffer.from("WEBP", "latin1"), ...chunks]));
