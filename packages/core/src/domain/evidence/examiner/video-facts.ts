import { Characters } from "../../../platform/characters.ts";
import { type Box, boxesIn, contentOf, has, inside } from "./iso-media.ts";
import type { Exif } from "./result.ts";
import { timeIn } from "./time.ts";

/** Number of seconds from 1904, where QuickTime's time begins, to 1970. */
const SECONDS_TO_1970 = 2_082_844_800;
const MOST_KEYS = 1_000;
/** Matches a place in the format of ISO 6709: `-06.9147+107.6098+700.000/`. */
const PLACE = /^([+-]\d{1,2}(?:\.\d{1,9})?)([+-]\d{1,3}(?:\.\d{1,9})?)/;
const APPLE = "com.apple.quicktime.";

/**
 * The metadata of a video: when and where it was recorded, by which camera, and its length. Omits whatever is
 * unreadable.
 */
export function videoFacts(file: Buffer): Exif {
  const movie = quietly(() => inside(file, boxesIn(file, 0, file.length), "moov")) ?? [];
  const header = quietly(() => headerOf(file, movie));
  const texts = quietly(() => appleTexts(file, movie)) ?? new Map<string, string>();
  const userTexts = quietly(() => inside(file, movie, "udta")) ?? [];
  const place = placeIn(texts.get("location.ISO6709") ?? quietly(() => textOf(file, userTexts, "\xa9xyz")));
  const taken = timeIn(texts.get("creationdate") ?? "");
  const camera = [texts.get("make"), texts.get("model")].filter(Boolean).join(" ");
  return {
    ...(taken ? { taken } : header?.taken ? { taken: header.taken, mayBeUtc: true } : {}),
    ...(place ? { place } : {}),
    ...(camera ? { camera: Characters.cut(camera.replaceAll("\0", " "), 200).toWellFormed() } : {}),
    ...(header && header.durationSeconds > 0 ? { durationSeconds: header.durationSeconds } : {}),
  };
}

function quietly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/**
 * The header of the movie (ISO 14496-12 §8.2.2). Its time should be UTC, but some cameras write local time, so it is
 * returned without an offset.
 */
function headerOf(file: Buffer, movie: readonly Box[]) {
  const mvhd = contentOf(file, movie, "mvhd");
  const isLong = mvhd.readUInt8(0) === 1;
  const created = isLong ? Number(mvhd.readBigUInt64BE(4)) : mvhd.readUInt32BE(4);
  const scale = mvhd.readUInt32BE(isLong ? 20 : 12);
  const units = isLong ? Number(mvhd.readBigUInt64BE(24)) : mvhd.readUInt32BE(16);
  const seconds = scale > 0 ? units / scale : 0;
  const durationSeconds = seconds < 1e6 ? Math.round(seconds * 10) / 10 : 0;
  const at = new Date((created - SECONDS_TO_1970) * 1000);
  const local = created > SECONDS_TO_1970 && at.getUTCFullYear() < 10_000 ? timeIn(at.toISOString())?.local : undefined;
  return { taken: local === undefined ? undefined : { local, offset: undefined }, durationSeconds };
}

/** Apple's metadata strings by name, without the prefix (QuickTime File Format, "Metadata"). */
function appleTexts(file: Buffer, movie: readonly Box[]): Map<string, string> {
  const texts = new Map<string, string>();
  const meta = movie.find(({ type }) => type === "meta");
  if (!meta) return texts;
  const isVersioned = file.toString("latin1", meta.start + 4, meta.start + 8) !== "hdlr";
  const parts = boxesIn(file, meta.start + (isVersioned ? 4 : 0), meta.end);
  if (!has(parts, "keys", "ilst")) return texts;
  const keys = contentOf(file, parts, "keys");
  const names: string[] = [];
  for (let at = 8; at + 8 <= keys.length && names.length < MOST_KEYS;) {
    const size = keys.readUInt32BE(at);
    if (size < 8) break;
    names.push(keys.toString("latin1", at + 8, at + size));
    at += size;
  }
  for (const { type, start, end } of inside(file, parts, "ilst")) {
    const name = names[Buffer.from(type, "latin1").readUInt32BE(0) - 1];
    const data = boxesIn(file, start, end).find((box) => box.type === "data");
    if (name?.startsWith(APPLE) && data && data.end - data.start < 1_000)
      texts.set(name.slice(APPLE.length), file.toString("utf8", data.start + 8, data.end));
  }
  return texts;
}

/** A metadata string in `udta`; its length and language, two bytes each, precede it. */
function textOf(file: Buffer, boxes: readonly Box[], type: string): string {
  const content = contentOf(file, boxes, type);
  return content.toString("latin1", 4, 4 + content.readUInt16BE(0));
}

function placeIn(text: string | undefined): { lat: number; lon: number } | undefined {
  const [, lat, lon] = PLACE.exec(text ?? "")?.map(Number) ?? [];
  if (lat === undefined || lon === undefined || Math.abs(lat) > 90 || Math.abs(lon) > 180) return undefined;
  return lat === 0 && lon === 0 ? undefined : { lat, lon };
}
