import { Characters } from "../../../platform/characters.ts";
import type { Exif } from "./result.ts";
import { type Directory, type Tiff, type Value, openTiff } from "./tiff.ts";
import { offsetIn, timeIn } from "./time.ts";
import { xmpTime } from "./xmp.ts";

export interface ReadExif {
  readonly exif: Exif;
  /** The orientation of the picture, 1 to 8 (TIFF 6.0 §8). */
  readonly orientation: number;
}

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

/**
 * Reads the place. Ignores 0° N 0° E, a point in the Atlantic: phones write zeros while they have no GPS fix, and such
 * a place would raise suspicion against honest members.
 */
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
