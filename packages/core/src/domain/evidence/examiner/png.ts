import { inflateSync } from "node:zlib";
import { MOST_METADATA_PARTS, type OpenedPicture, PIXEL_LIMIT, lineByLine } from "./opened.ts";
import { tooComplex } from "./refusal.ts";

const SIGNATURE_BYTES = 8;
const XMP_KEYWORD = "XML:com.adobe.xmp\0";
const RAW_PROFILE = /^Raw profile type (?:exif|APP1)(?=\0)/i;
/**
 * Upper limit of an inflated text: EXIF has at most 64 KiB, and twice as many hexadecimal digits; XMP rarely has more.
 */
const MOST_TEXT_BYTES = 262_144;
/** The chunks that a decoder needs for the first picture of a file. */
const NEEDED = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
/** Upper limit of pixel chunks in one file; with libpng's chunks of 8 KiB, 10 MB have 1,280. */
const MOST_PARTS = 100_000;
/** Number of channels of each colour type, with the palette expanded. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 4, 4: 2, 6: 4 };

/**
 * Parses a PNG (third edition, §5) without inflating pixels.
 * @throws Refusal METADATA_TOO_COMPLEX; Error when the file is not a PNG or is truncated
 */
export function openPng(file: Buffer): OpenedPicture {
  const kept: Buffer[] = [file.subarray(0, SIGNATURE_BYTES)];
  let [exif, xmp, header]: (Buffer | undefined)[] = [];
  let [parts, metadataParts] = [0, 0];
  for (let at = SIGNATURE_BYTES; ; parts += 1) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    const end = at + 12 + length;
    if (end > file.length || parts > MOST_PARTS) throw new Error("a truncated PNG, or one with too many chunks");
    if (parts === 0 && type !== "IHDR") throw new Error("a PNG without a header");
    header ??= file.subarray(at + 8, end - 4);
    if (NEEDED.includes(type)) kept.push(file.subarray(at, end));
    else if (++metadataParts > MOST_METADATA_PARTS) throw tooComplex();
    const content = file.subarray(at + 8, end - 4);
    if (type === "eXIf") exif ??= content;
    if (type === "zTXt" || type === "tEXt") exif ??= rawProfileIn(type, content);
    if (type === "iTXt" && content.toString("latin1", 0, XMP_KEYWORD.length) === XMP_KEYWORD) xmp ??= textIn(content);
    if (type === "IEND") return { ...sizeOf(header), exif, xmp, pixels: Buffer.concat(kept) };
    at = end;
  }
}

/**
 * EXIF data as ImageMagick and older programs store it: hexadecimal digits after a name and a length.
 * @returns undefined for any other text chunk
 */
function rawProfileIn(type: "zTXt" | "tEXt", chunk: Buffer): Buffer | undefined {
  const [keyword] = RAW_PROFILE.exec(chunk.toString("latin1", 0, 40)) ?? [];
  if (keyword === undefined) return undefined;
  const content = chunk.subarray(keyword.length + 1);
  const text = type === "tEXt" ? content : inflated(content.subarray(1));
  const [, digits] = /^\s*\w{1,20}\s+\d{1,10}\s+([\da-fA-F\s]+)/.exec(text?.toString("latin1") ?? "") ?? [];
  return digits === undefined ? undefined : Buffer.from(digits.replaceAll(/\s/g, ""), "hex");
}

/** The text of an international chunk: two flags, the language and the translated keyword precede it (§11.3.3.4). */
function textIn(chunk: Buffer): Buffer | undefined {
  const at = XMP_KEYWORD.length + 2;
  const start = chunk.indexOf(0, chunk.indexOf(0, at) + 1) + 1;
  return chunk[XMP_KEYWORD.length] === 1 ? inflated(chunk.subarray(start)) : chunk.subarray(start);
}

function inflated(packed: Buffer): Buffer | undefined {
  try {
    return inflateSync(packed, { maxOutputLength: MOST_TEXT_BYTES });
  } catch {
    return undefined; // the chunk is damaged, or larger than any profile of a picture
  }
}

function sizeOf(header: Buffer) {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const perPixel = (CHANNELS[header.readUInt8(9)] ?? 4) * (header.readUInt8(8) === 16 ? 2 : 1);
  const isInterlaced = header.readUInt8(12) !== 0;
  const memoryBytes = isInterlaced ? width * height * perPixel : lineByLine(width, perPixel);
  return { width, height, memoryBytes, mostPixels: PIXEL_LIMIT };
}
