import { LARGE_PIXEL_LIMIT, MOST_METADATA_PARTS, type OpenedPicture, PIXEL_LIMIT, lineByLine } from "./opened.ts";
import { Refusal, tooComplex } from "./refusal.ts";
import { XMP_SEGMENT } from "./xmp.ts";

const [APP0, APP1, APP14, APP15] = [0xe0, 0xe1, 0xee, 0xef];
const [DHT, RST0, SOI, EOI, SOS, DQT, DRI, DAC, JPG, TEM, COM] = [
  0xc4, 0xd0, 0xd8, 0xd9, 0xda, 0xdb, 0xdd, 0xcc, 0xc8, 0x01, 0xfe,
];
const EXIF = "Exif\0\0";
/**
 * Upper limit of scans: encoders write about 10, and at most 64 for three colours; libjpeg-turbo's own fuzzers stop at
 * 500.
 */
const MOST_SCANS = 100;
/** Memory of a coefficient in bytes, for a JPEG that is not decoded line by line. */
const COEFFICIENT_BYTES = 2;

const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![DHT, JPG, DAC].includes(marker);
/** Frames that are decoded: baseline, extended and progressive, also with arithmetic coding; neither lossless nor hierarchical. */
const DECODABLE = [0xc0, 0xc1, 0xc2, 0xc9, 0xca];
/**
 * Number of bits of each colour component in accepted files. Files of scanners and medical devices, which may have 12,
 * are rejected.
 */
const BITS = 8;
const isMetadata = (marker: number) => (marker >= APP0 && marker <= APP15) || marker === COM;

/**
 * Parses a JPEG (ITU T.81 §B) up to its pixels. Skips stray bytes before a marker, which some phones write, as libjpeg
 * does, and removes them from `pixels`.
 * @throws Refusal METADATA_TOO_COMPLEX; Error when the file is not a JPEG or is truncated
 */
export function openJpeg(file: Buffer): OpenedPicture {
  const kept: Buffer[] = [file.subarray(0, 2)];
  let [exif, xmp, frame]: (Buffer | undefined)[] = [];
  let metadataParts = 0;
  let isSequential = false;
  for (let at = 2; ;) {
    const markerAt = nextMarker(file, at);
    const marker = file.readUInt8(markerAt);
    if (marker === EOI) throw new Error("a JPEG without pixels");
    at = markerAt + 1;
    if ((marker >= RST0 && marker <= SOI) || marker === TEM) continue; // RST, SOI and TEM have no content
    const end = at + file.readUInt16BE(at);
    const content = file.subarray(at + 2, end);
    if (content.length !== end - at - 2) throw new Error("a truncated JPEG segment");
    if (marker === SOS) {
      if (!frame) throw new Error("a JPEG scan without a frame");
      assertFewScans(file, markerAt);
      const isOneScan = isSequential && content.readUInt8(0) === frame.readUInt8(5);
      const pixels = Buffer.concat([...kept, Buffer.from([0xff]), file.subarray(markerAt)]);
      return { ...sizeOf(frame, isOneScan), exif, xmp, pixels };
    }
    if (isFrame(marker)) {
      if (frame) throw new Error("a JPEG with two frames");
      if (!DECODABLE.includes(marker) || content.readUInt8(0) !== BITS)
        throw new Refusal(
          "UNDECODABLE",
          "The JPEG is coded in a rare way that is not supported. Save it as an ordinary JPEG.",
        );
      [frame, isSequential] = [content, marker <= 0xc1];
    }
    if (isMetadata(marker) && ++metadataParts > MOST_METADATA_PARTS) throw tooComplex();
    if (marker === APP1 && content.toString("latin1", 0, EXIF.length) === EXIF) exif ??= content;
    if (marker === APP1 && content.toString("latin1", 0, XMP_SEGMENT.length) === XMP_SEGMENT) xmp ??= content;
    if (isFrame(marker) || [DHT, DQT, DRI, DAC, APP14].includes(marker))
      kept.push(Buffer.from([0xff, marker]), file.subarray(at, end));
    at = end;
  }
}

/**
 * Rejects files with too many scans. Each scan of a progressive JPEG passes over the whole picture: 3,000 scans in 361
 * KB take a decoder half a minute.
 * @param from where the first scan begins
 * @throws Refusal TOO_MANY_SCANS
 */
function assertFewScans(file: Buffer, from: number): void {
  let scans = 0;
  for (let at = file.indexOf(0xff, from - 1); at >= 0; at = file.indexOf(0xff, at + 1)) {
    if (file[at + 1] === SOS && ++scans > MOST_SCANS)
      throw new Refusal("TOO_MANY_SCANS", `The picture is stored in more than ${MOST_SCANS} scans.`);
  }
}

/** The position of the next marker's code byte, which follows at least one 0xff and is not 0. */
function nextMarker(file: Buffer, from: number): number {
  for (let at = file.indexOf(0xff, from); at >= 0; at = file.indexOf(0xff, at)) {
    while (file[at] === 0xff) at += 1;
    if (file[at] !== 0) return at;
  }
  throw new Error("a JPEG without pixels");
}

/**
 * The size of a picture, and the memory to decode it.
 * @param isOneScan whether a decoder can read it from top to bottom; otherwise the decoder must keep all coefficients
 * in memory
 */
function sizeOf(frame: Buffer, isOneScan: boolean) {
  const [height, width, count] = [frame.readUInt16BE(1), frame.readUInt16BE(3), frame.readUInt8(5)];
  const samplings = Array.from({ length: count }, (_, index) => frame.readUInt8(7 + index * 3));
  const [across, down] = [samplings.map((each) => each >> 4), samplings.map((each) => each & 15)];
  const largest = Math.max(1, ...across) * Math.max(1, ...down);
  const perPixel = samplings.reduce((sum, each) => sum + ((each >> 4) * (each & 15)) / largest, 0);
  const memoryBytes = isOneScan ? lineByLine(width, count) : width * height * perPixel * COEFFICIENT_BYTES;
  return { width, height, memoryBytes, mostPixels: isOneScan ? LARGE_PIXEL_LIMIT : PIXEL_LIMIT };
}
