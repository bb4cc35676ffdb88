import { Characters } from "../../../platform/characters.ts";
import { tooComplex } from "./refusal.ts";
import type { Exif } from "./result.ts";
import { offsetIn, timeIn } from "./time.ts";
import { xmpTime } from "./xmp.ts";

export interface ReadExif {
  readonly exif: Exif;
  /** The orientation of the picture, 1 to 8 (TIFF 6.0 §8). */
  readonly orientation: number;
}

/** Upper limit of entries in one directory; apart from maker notes, cameras write up to about 80. */
const MOST_ENTRIES = 10_000;
/** Length above which a text is ignored, since a reader would not read it. */
const MOST_TEXT_BYTES = 2_000;
const ENTRY_BYTES = 12;
/** Bytes of a value by type (TIFF 6.0 §2 and Exif 3.0 §4.6.3). */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8, 13: 4, 129: 1 };
const [RATIONAL, SIGNED_RATIONAL] = [5, 10];
const TAG = {
  make: 0x010f,
  model: 0x0110,
  orientation: 0x0112,
  changed: 0x0132,
  exifDirectory: 0x8769,
  gpsDirectory: 0x8825,
  taken: 0x9003,
  digitized: 0x9004,
  offsetOfChanged: 0x9010,
  offsetOfTaken: 0x9011,
  offsetOfDigitized: 0x9012,
  latitudeRef: 1,
  latitude: 2,
  longitudeRef: 3,
  longitude: 4,
  gpsTime: 7,
  gpsDate: 0x1d,
} as const;

/** Values by tag. */
type Directory = ReadonlyMap<number, Value>;
interface Value {
  readonly type: number;
  readonly bytes: Buffer;
}

/**
 * Reads EXIF data. Any program can write EXIF, and many cameras write some of it wrongly, so each entry is read
 * separately and invalid entries are ignored. Reads only the three needed directories, each once, so the time is
 * proportional to their entries, wherever their pointers lead.
 * @param xmp states the time where EXIF does not
 * @throws Refusal METADATA_TOO_COMPLEX
 */
export function readExif(block: Buffer | undefined, xmp?: Buffer): ReadExif {
  const fromXmp = xmpTime(xmp);
  const plain: ReadExif = { exif: fromXmp ? { taken: fromXmp } : {}, orientation: 1 };
  if (!block) return plain;
  const tiff = openTiff(block);
  if (!tiff) return { ...plain, exif: { ...plain.exif, unreadable: true } };
  const main = tiff.directory(tiff.uint32(4));
  const details = tiff.directoryAt(main?.get(TAG.exifDirectory));
  const gps = tiff.directoryAt(main?.get(TAG.gpsDirectory));
  const camera = [TAG.make, TAG.model].map((tag) => textOf(main?.get(tag))).filter(Boolean);
  const orientation = tiff.numberOf(main?.get(TAG.orientation));
  return {
    exif: {
      ...plain.exif,
      ...takenOf(main, details),
      ...gpsTimeOf(tiff, gps),
      ...placeOf(tiff, gps),
      ...(camera.length > 0 ? { camera: Characters.cut(Characters.storable(camera.join(" "), " "), 200) } : {}),
      ...(tiff.isDamaged() ? { unreadable: true } : {}),
    },
    orientation: orientation >= 1 && orientation <= 8 ? orientation : 1,
  };
}

/**
 * The prefix that containers put before a TIFF structure: `Exif\0\0`, and in Android's HEIC a whole APP1 segment
 * header.
 */
const startOf = (block: Buffer) =>
  /^(?:\xff\xe1..)?(?:Exif\0.)?(?=II\x2a\0|MM\0\x2a)/s.exec(block.toString("latin1", 0, 16))?.[0].length;

/** Whether a buffer begins with EXIF data. */
export const isTiff = (block: Buffer): boolean => startOf(block) !== undefined;

/**
 * Opens a TIFF structure.
 * @returns undefined when `block` is not a TIFF structure
 */
function openTiff(block: Buffer) {
  const start = startOf(block);
  if (start === undefined || block.length < start + 8) return undefined;
  const bytes = block.subarray(start);
  const isLittle = bytes[0] === 0x49;
  const uint16 = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const uint32 = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const visited = new Set<number>();
  let damaged = false;

  function directory(at: number): Directory | undefined {
    if (visited.has(at) || at + 2 > bytes.length) {
      damaged = true;
      return undefined;
    }
    visited.add(at);
    const room = Math.floor((bytes.length - at - 2) / ENTRY_BYTES);
    const count = uint16(at);
    if (Math.min(count, room) > MOST_ENTRIES) throw tooComplex();
    if (count > room) damaged = true;
    const values = new Map<number, Value>();
    for (let index = 0; index < Math.min(count, room); index += 1) {
      const entry = at + 2 + index * ENTRY_BYTES;
      const [tag, value] = [uint16(entry), valueAt(entry)];
      if (value && !values.has(tag)) values.set(tag, value);
    }
    return values;
  }

  function valueAt(entry: number): Value | undefined {
    const type = uint16(entry + 2);
    const length = (TYPE_BYTES[type] ?? 0) * uint32(entry + 4);
    const start = length <= 4 ? entry + 8 : uint32(entry + 8);
    const isThere = length > 0 && start + length <= bytes.length;
    return isThere ? { type, bytes: bytes.subarray(start, start + Math.min(length, MOST_TEXT_BYTES)) } : undefined;
  }

  return {
    uint32,
    isDamaged: () => damaged,
    directory,
    directoryAt: (value: Value | undefined) =>
      value === undefined || value.bytes.length !== 4 ? undefined : directory(number(value.bytes)),
    numberOf: (value: Value | undefined) => (value === undefined ? Number.NaN : number(value.bytes)),
    fractionsOf: (value: Value | undefined) =>
      value?.type === RATIONAL || value?.type === SIGNED_RATIONAL ? fractions(value.bytes, isLittle) : [],
  };

  function number(of: Buffer): number {
    if (of.length === 1) return of.readUInt8(0);
    return of.length < 4
      ? isLittle
        ? of.readUInt16LE(0)
        : of.readUInt16BE(0)
      : isLittle
        ? of.readUInt32LE(0)
        : of.readUInt32BE(0);
  }
}
type Tiff = NonNullable<ReturnType<typeof openTiff>>;

/** Reads fractions; a fraction with denominator 0 yields NaN. */
function fractions(bytes: Buffer, isLittle: boolean): number[] {
  const part = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  return Array.from({ length: Math.min(3, Math.floor(bytes.length / 8)) }, (_, index) => {
    const [over, under] = [part(index * 8), part(index * 8 + 4)];
    return under === 0 ? Number.NaN : over / under;
  });
}

function textOf(value: Value | undefined): string {
  return value?.bytes.toString("utf8").replace(/[\0\s]+$/, "") ?? "";
}

/**
 * The first valid date of three: when the picture was taken, digitised, or last changed. In Exif 2.31 and later, each
 * date has its own offset; if a camera writes only one offset, it applies to all three dates.
 */
function takenOf(main: Directory | undefined, details: Directory | undefined): Pick<Exif, "taken"> {
  const offsets = [TAG.offsetOfTaken, TAG.offsetOfDigitized, TAG.offsetOfChanged].map((tag) =>
    offsetIn(textOf(details?.get(tag))),
  );
  const times = [details?.get(TAG.taken), details?.get(TAG.digitized), main?.get(TAG.changed)];
  for (const [index, value] of times.entries()) {
    const time = timeIn(textOf(value));
    if (time) return { taken: { ...time, offset: time.offset ?? offsets[index] ?? offsets.find(Boolean) } };
  }
  return {};
}

/** Converts the GPS date `2026:05:01` or `2026-05-01` and the time `[9, 30, 0.5]` to `2026-05-01T09:30:00Z`. */
function gpsTimeOf(tiff: Tiff, gps: Directory | undefined): Pick<Exif, "gpsTime"> {
  const [, year, month, day] = /^(\d{4})[:/.-](\d{2})[:/.-](\d{2})/.exec(textOf(gps?.get(TAG.gpsDate))) ?? [];
  const parts = tiff.fractionsOf(gps?.get(TAG.gpsTime));
  const isTime = parts.length === 3 && [24, 60, 60].every((below, index) => (parts[index] ?? Number.NaN) < below);
  if (year === undefined || !isTime) return {};
  const time = parts.map((part) => String(Math.floor(part)).padStart(2, "0")).join(":");
  return { gpsTime: `${year}-${month}-${day}T${time}Z` };
}

/** Reads the place, except 0° N 0° E, a point in the Atlantic: phones write zeros while they have no fix, and so would be suspected of fraud. */
function placeOf(tiff: Tiff, gps: Directory | undefined): Pick<Exif, "place"> {
  const lat = degreesOf(tiff, gps, TAG.latitude, TAG.latitudeRef, ["N", "S"], 90);
  const lon = degreesOf(tiff, gps, TAG.longitude, TAG.longitudeRef, ["E", "W"], 180);
  if (lat === undefined || lon === undefined || (lat === 0 && lon === 0)) return {};
  return { place: { lat, lon } };
}

/** Converts degrees, minutes, seconds and the hemisphere to signed degrees. */
function degreesOf(
  tiff: Tiff,
  gps: Directory | undefined,
  tag: number,
  refTag: number,
  [positive, negative]: readonly [string, string],
  most: number,
): number | undefined {
  const [degrees = Number.NaN, minutes = 0, seconds = 0] = tiff.fractionsOf(gps?.get(tag));
  const side = textOf(gps?.get(refTag)).toUpperCase();
  const value = degrees + minutes / 60 + seconds / 3600;
  if (!(value <= most) || (side !== positive && side !== negative)) return undefined;
  return side === negative ? -value : value;
}
