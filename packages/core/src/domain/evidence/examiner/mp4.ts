import { type Box, areUnits, boxesIn, contentOf, has, inside } from "./iso-media.ts";
import { Refusal, encrypted } from "./refusal.ts";

/**
 * Codecs that players support (mp4ra.org), each with the box and the offset that state the length of its NAL units.
 * Encrypted media uses other names.
 */
const CODECS: Readonly<Record<string, readonly [box: string, at: number] | undefined>> = {
  avc1: ["avcC", 4],
  avc3: ["avcC", 4],
  hvc1: ["hvcC", 21],
  hev1: ["hvcC", 21],
  dvh1: ["hvcC", 21],
  dvhe: ["hvcC", 21],
  dva1: ["avcC", 4],
};
const OTHER_CODECS = ["mp4v", "vp08", "vp09", "av01", "s263"];
/** Sample entries of sound, of texts and of other data beside pictures. */
const SOUNDS = [
  "mp4a",
  "lpcm",
  "alac",
  "ac-3",
  "ec-3",
  "Opus",
  "fLaC",
  "samr",
  "sawb",
  "sowt",
  "twos",
  "tx3g",
  "wvtt",
  "stpp",
  "text",
  "mebx",
  "tmcd",
];
/** Names of encrypted pictures: in the standard (ISO 23001-7), and in Apple's format. */
const ENCRYPTED = ["encv", "drmi"];
/** Number of bytes before the child boxes of a visual sample entry (ISO 14496-12 §12.1.3), including its own header. */
const DESCRIPTION_BYTES = 86;
/**
 * Offset in the content of `stsd` at which the width of its first visual sample entry is stored; the height follows.
 */
const WIDTH_AT = 40;
/** Number of samples whose NAL units are checked; checking more would only take time. */
const FOLLOWED_SAMPLES = 10;

interface Sample {
  readonly start: number;
  readonly length: number;
}

/** The first video track of a file. */
export interface OpenedVideo {
  /** The width and height in pixels, as stored. */
  readonly width: number;
  readonly height: number;
  /** The name of the track's sample entry, which identifies the codec. */
  readonly codec: string;
}

/**
 * Parses a video (ISO 14496-12, or the older QuickTime format) or a sequence of pictures.
 * @throws Refusal ENCRYPTED, UNDECODABLE for a file without pictures or in another codec; Error unless it has a video track in a known codec, all of whose bytes are in the file
 */
export function openVideo(file: Buffer): OpenedVideo {
  const top = boxesIn(file, 0, file.length);
  if (!has(top, "ftyp", "moov", "mdat")) throw new Error("a video without its parts");
  const tracks = inside(file, top, "moov").filter(({ type }) => type === "trak");
  for (const track of tracks) {
    const video = videoIn(file, top, track);
    if (video) return video;
  }
  const codecs = tracks.map((track) => codecOf(file, partsOf(file, track))).filter((codec) => codec !== undefined);
  if (codecs.length > 0 && codecs.every((codec) => SOUNDS.includes(codec)))
    throw new Refusal("UNDECODABLE", "The file has no pictures, only sound or texts.");
  if (codecs.length > 0 && !codecs.some(isKnown))
    throw new Refusal("UNDECODABLE", "The video is in a format that is not supported. Save it as H.264 or H.265.");
  throw new Error("a video whose pictures are damaged");
}

const isKnown = (codec: string) => Object.hasOwn(CODECS, codec) || OTHER_CODECS.includes(codec);

/** The boxes that describe the samples of a track. */
function partsOf(file: Buffer, track: Box): Box[] {
  const table = inside(file, inside(file, inside(file, [track], "trak"), "mdia"), "minf").filter(
    ({ type }) => type === "stbl",
  );
  return inside(file, table, "stbl");
}

/** The name of a track's first sample entry. */
function codecOf(file: Buffer, parts: readonly Box[]): string | undefined {
  const description = parts.find(({ type }) => type === "stsd");
  if (!description || description.end - description.start < WIDTH_AT + 4) return undefined;
  return file.toString("latin1", description.start + 12, description.start + 16);
}

function videoIn(file: Buffer, top: readonly Box[], track: Box): OpenedVideo | undefined {
  const parts = partsOf(file, track);
  const description = parts.find(({ type }) => type === "stsd");
  const codec = codecOf(file, parts);
  if (!description || codec === undefined) return undefined;
  if (ENCRYPTED.includes(codec)) throw encrypted("video");
  if (!isKnown(codec)) return undefined;
  const sizeAt = description.start + WIDTH_AT;
  const video = { width: file.readUInt16BE(sizeAt), height: file.readUInt16BE(sizeAt + 2), codec };
  const samples = samplesOf(file, top, parts) ?? fragmentsOf(file, top);
  const lengthAt = CODECS[codec];
  if (samples.length === 0) return undefined;
  if (!lengthAt) return video;
  const [box, at] = lengthAt;
  const end = description.start + 8 + file.readUInt32BE(description.start + 8);
  const settings = settingsIn(file.subarray(0, end), description.start + 8 + DESCRIPTION_BYTES);
  const lengthBytes = (contentOf(file, settings, box).readUInt8(at) & 3) + 1;
  const areValid = samples
    .slice(0, FOLLOWED_SAMPLES)
    .every(({ start, length }) => areUnits(file.subarray(start, start + length), lengthBytes));
  return areValid ? video : undefined;
}

/** The boxes of a sample entry up to its end; in QuickTime, 32 zero bits may mark the end. */
function settingsIn(entry: Buffer, start: number): Box[] {
  const isTerminated = entry.length - start >= 4 && entry.readUInt32BE(entry.length - 4) === 0;
  const boxes: Box[] = [];
  try {
    return boxesIn(entry, start, entry.length, boxes);
  } catch (error) {
    if (!isTerminated || boxes.at(-1)?.end !== entry.length - 4) throw error;
    return boxes;
  }
}

/**
 * The first samples of a track, after checking that all its chunks are inside the file's `mdat` (§8.7).
 * @returns undefined for a track without samples of its own, as in a fragmented video
 * @throws Error when a chunk is outside
 */
function samplesOf(file: Buffer, top: readonly Box[], parts: readonly Box[]): Sample[] | undefined {
  const sizes = contentOf(file, parts, "stsz");
  const [fixed, count] = [sizes.readUInt32BE(4), sizes.readUInt32BE(8)];
  if (count === 0) return undefined;
  if (fixed === 0 && 12 + count * 4 > sizes.length) throw new Error("a truncated sample table");
  const sizeOf = (index: number) => (fixed === 0 ? sizes.readUInt32BE(12 + index * 4) : fixed);
  const runs = contentOf(file, parts, "stsc");
  const isLong = has(parts, "co64");
  const offsets = contentOf(file, parts, isLong ? "co64" : "stco");
  const chunks = offsets.readUInt32BE(4);
  const isInside = insideMedia(top);
  const first: Sample[] = [];
  let [sample, run] = [0, 0];
  for (let chunk = 0; chunk < chunks && sample < count; chunk += 1) {
    const isNext = run + 1 < runs.readUInt32BE(4) && runs.readUInt32BE(8 + (run + 1) * 12) <= chunk + 1;
    if (isNext) run += 1;
    const until = Math.min(count, sample + runs.readUInt32BE(8 + run * 12 + 4));
    const start = isLong ? Number(offsets.readBigUInt64BE(8 + chunk * 8)) : offsets.readUInt32BE(8 + chunk * 4);
    let at = start;
    if (fixed > 0 && first.length >= FOLLOWED_SAMPLES) [at, sample] = [start + fixed * (until - sample), until];
    for (; sample < until; sample += 1) {
      const length = sizeOf(sample);
      if (first.length < FOLLOWED_SAMPLES) first.push({ start: at, length });
      at += length;
    }
    if (!isInside(start, at)) throw new Error("samples outside of the mdat box");
  }
  if (sample < count) throw new Error("samples without a chunk");
  return first;
}

/**
 * The first sample of each fragment (§8.8), after checking that it is inside the `mdat` that follows the fragment.
 * @throws Error when the sample is outside
 */
function fragmentsOf(file: Buffer, top: readonly Box[]): Sample[] {
  const samples: Sample[] = [];
  for (const [index, moof] of top.entries()) {
    if (moof.type !== "moof") continue;
    const media = top.slice(index, index + 3).find(({ type }) => type === "mdat");
    for (const track of boxesIn(file, moof.start, moof.end).filter(({ type }) => type === "traf")) {
      const parts = boxesIn(file, track.start, track.end);
      const head = contentOf(file, parts, "tfhd");
      const run = parts.some(({ type }) => type === "trun") ? contentOf(file, parts, "trun") : undefined;
      if (!run || !media) continue;
      const length = firstSizeOf(run, head);
      const isPlaced = (run.readUInt32BE(0) & 1) !== 0;
      const start = isPlaced ? moof.start - 8 + run.readInt32BE(8) : media.start;
      if (length === 0 || start < media.start || start + length > media.end)
        throw new Error("a fragment outside of its mdat box");
      if (samples.length === 0) samples.push({ start, length }); // the first track is the video
    }
  }
  return samples;
}

/** The size of the first sample of a run, or its track's default (§8.8.7, §8.8.8). */
function firstSizeOf(run: Buffer, head: Buffer): number {
  const [flags, headFlags] = [run.readUInt32BE(0), head.readUInt32BE(0)];
  if (run.readUInt32BE(4) === 0) return 0;
  const before = 8 + ((flags & 1) !== 0 ? 4 : 0) + ((flags & 4) !== 0 ? 4 : 0) + ((flags & 0x100) !== 0 ? 4 : 0);
  if ((flags & 0x200) !== 0) return run.readUInt32BE(before);
  const at = 8 + ((headFlags & 1) !== 0 ? 8 : 0) + ((headFlags & 2) !== 0 ? 4 : 0) + ((headFlags & 8) !== 0 ? 4 : 0);
  return (headFlags & 0x10) === 0 ? 1 : head.readUInt32BE(at);
}

/** Returns a function that checks whether a byte range is inside one `mdat`; boxes are in file order. */
function insideMedia(top: readonly Box[]): (start: number, end: number) => boolean {
  const media = top.filter(({ type }) => type === "mdat");
  return (start, end) => {
    let [low, high] = [0, media.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((media[middle]?.start ?? 0) <= start) low = middle;
      else high = middle - 1;
    }
    const box = media[low];
    return box !== undefined && start >= box.start && end <= box.end;
  };
}
