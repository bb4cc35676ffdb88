import { MOST_METADATA_PARTS, type OpenedPicture, PIXEL_LIMIT, lineByLine } from "./opened.ts";
import { tooComplex } from "./refusal.ts";

const SIGNATURE_BYTES = 8;
/** The chunks that a decoder needs for the first picture of a file. */
const NEEDED = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];
/** The most pixel chunks in one file; at libpng's 8 KiB, 10 MB have 1,280. */
const MOST_PARTS = 100_000;
/** Channels of each colour type, with the palette expanded. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 4, 4: 2, 6: 4 };

/**
 * Parses a PNG (third edition, §5) without inflating anything.
 * @throws Refusal METADATA_TOO_COMPLEX; Error when the file is no PNG or is truncated
 */
export function openPng(file: Buffer): OpenedPicture {
  const kept: Buffer[] = [file.subarray(0, SIGNATURE_BYTES)];
  let [exif, header, parts, metadataParts]: [Buffer | undefined, Buffer | undefined, number, number] = [
    undefined,
    undefined,
    0,
    0,
  ];
  for (let at = SIGNATURE_BYTES; ; parts += 1) {
    const length = file.readUInt32BE(at);
    const type = file.toString("latin1", at + 4, at + 8);
    const end = at + 12 + length;
    if (end > file.length || parts > MOST_PARTS) throw new Error("a truncated PNG, or one with too many chunks");
    if (parts === 0 && type !== "IHDR") throw new Error("a PNG without a header");
    header ??= file.subarray(at + 8, end - 4);
    if (NEEDED.includes(type)) kept.push(file.subarray(at, end));
    else if (++metadataParts > MOST_METADATA_PARTS) throw tooComplex();
    if (type === "eXIf") exif ??= file.subarray(at + 8, end - 4);
    if (type === "IEND") return { ...sizeOf(header), exif, pixels: Buffer.concat(kept) };
    at = end;
  }
}

function sizeOf(header: Buffer) {
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const perPixel = (CHANNELS[header.readUInt8(9)] ?? 4) * (header.readUInt8(8) === 16 ? 2 : 1);
  const isInterlaced = header.readUInt8(12) !== 0;
  const memoryBytes = isInterlaced ? width * height * perPixel : lineByLine(width, perPixel);
  return { width, height, memoryBytes, mostPixels: PIXEL_LIMIT };
}
