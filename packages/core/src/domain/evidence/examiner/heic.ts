import { type Box, areUnits, boxesIn, contentOf, has, inside } from "./iso-media.ts";
import { openVideo } from "./mp4.ts";
import { LARGE_PIXEL_LIMIT, type OpenedPicture, type Turn } from "./opened.ts";
import { Refusal } from "./refusal.ts";
import { isTiff } from "./tiff.ts";

/** Length of the version and the flags, with which the content of a "full box" begins (ISO 14496-12). */
const VERSION_BYTES = 4;
/** Memory that the decoder needs per pixel of a picture without tiles: measured 195 MB for 48 megapixels. */
const WHOLE_BYTES_PER_PIXEL = 4;
/** Upper limit of EXIF data, far above the 64 KiB that a JPEG can contain with its thumbnail. */
const MOST_EXIF_BYTES = 1_000_000;

/**
 * Upper limit of the bytes to which all items together refer, as a multiple of the file's size. A few genuine items
 * share bytes, but a hostile file must not cause the same bytes to be read many times.
 */
const MOST_READS = 4;

export interface OpenedHeic extends OpenedPicture {
  readonly isSequence: boolean;
  readonly turns: readonly Turn[];
}

/** The byte range of a part of an item in the file. */
type Extent = readonly [start: number, end: number];

/**
 * Parses a HEIC (ISO 23008-12). Checks that the picture states its size, is coded as HEVC and is complete in the file,
 * and that its NAL units follow each other correctly. Does not decode the pixels of a picture: `decodeHeic` does. A
 * sequence (`msf1`), which may have a track of pictures instead of items, is never decoded.
 * @throws Refusal TYPE_MISMATCH for a HEIF picture in another codec; Error when the structure is invalid
 */
export function openHeic(file: Buffer): OpenedHeic {
  const top = boxesBeforeJunk(file);
  const meta = inside(file, top, "meta", VERSION_BYTES);
  if (!has(meta, "pitm") && has(top, "moov")) return openSequence(file);
  const properties = inside(file, inside(file, meta, "iprp"), "ipco");
  if (!has(properties, "hvcC")) assertNoOtherCodec(properties);
  if (!has(meta, "pitm", "iloc", "iinf", "iprp") || !has(properties, "hvcC", "ispe"))
    throw new Error("no HEIC picture");
  const pitm = contentOf(file, meta, "pitm");
  const primary = pitm[0] === 0 ? pitm.readUInt16BE(4) : pitm.readUInt32BE(4);
  const data = meta.find(({ type }) => type === "idat");
  const places = placesOfItems(file, contentOf(file, meta, "iloc"), data);
  if (!places.has(primary)) throw new Error("a picture without bytes");
  const bytesOf = (id: number) =>
    Buffer.concat((places.get(id) ?? []).map(([start, end]) => file.subarray(start, end)));
  const types = typesOfItems(file, meta);
  for (const type of types.values()) if (OTHER_ITEMS[type] !== undefined) throw otherCodec(OTHER_ITEMS[type]);
  const lengthBytes = (contentOf(file, properties, "hvcC").readUInt8(21) & 3) + 1;
  for (const [id, type] of types)
    if (type === "hvc1" && !areUnits(bytesOf(id), lengthBytes)) throw new Error("a picture that is not coded as HEVC");
  const size = sizeOf(file, meta, properties, primary);
  const [exifId] = [...types].find(([, type]) => type === "Exif") ?? [];
  const [width, height] = [size.readUInt32BE(4), size.readUInt32BE(8)];
  return {
    width,
    height,
    memoryBytes: types.get(primary) === "hvc1" ? width * height * WHOLE_BYTES_PER_PIXEL : 0,
    mostPixels: LARGE_PIXEL_LIMIT,
    exif: exifId === undefined ? undefined : exifIn(bytesOf(exifId).subarray(0, MOST_EXIF_BYTES)),
    pixels: undefined,
    isSequence: false,
    turns: turnsOf(file, meta, properties, primary),
  };
}

/** Names of the properties that configure other codecs in HEIF: AV1, H.264, VVC, JPEG 2000. */
const OTHER_CODECS = { av1C: "AV1", avcC: "H.264", vvcC: "H.266", j2kH: "JPEG 2000" } as const;

function assertNoOtherCodec(properties: readonly Box[]): void {
  for (const [box, codec] of Object.entries(OTHER_CODECS)) if (has(properties, box)) throw otherCodec(codec);
}

/**
 * Other codecs by item type. Detects a file that states the configuration of HEVC but contains a picture in another
 * codec.
 */
const OTHER_ITEMS: Readonly<Record<string, string | undefined>> = {
  av01: "AV1",
  avc1: "H.264",
  vvc1: "H.266",
  j2k1: "JPEG 2000",
};

const otherCodec = (codec: string) =>
  new Refusal("TYPE_MISMATCH", `The file is a HEIF picture coded as ${codec}, not image/heic (HEVC).`);

/**
 * The transformations of an item: `irot` turns anticlockwise by right angles, `imir` mirrors horizontally or vertically.
 */
function turnsOf(file: Buffer, meta: readonly Box[], properties: readonly Box[], id: number): Turn[] {
  const ties = inside(file, meta, "iprp").filter(({ type }) => type === "ipma");
  const own = ties.flatMap(({ start, end }) => propertiesOf(file.subarray(start, end), id));
  return own.flatMap((each): Turn[] => {
    const box = properties[each - 1];
    if (!box || box.end === box.start) return [];
    const value = file.readUInt8(box.start);
    if (box.type === "irot" && (value & 3) !== 0) return [{ degrees: 360 - (value & 3) * 90 }];
    return box.type === "imir" ? [{ mirrored: (value & 1) === 0 ? "flip" : "flop" }] : [];
  });
}

function openSequence(file: Buffer): OpenedHeic {
  const { width, height, codec } = openVideo(file);
  if (codec !== "hvc1" && codec !== "hev1") throw new Error("a sequence that is not coded as HEVC");
  const size = { width, height, memoryBytes: width * height * WHOLE_BYTES_PER_PIXEL, mostPixels: LARGE_PIXEL_LIMIT };
  return { ...size, exif: undefined, pixels: undefined, isSequence: true, turns: [] };
}

/**
 * The EXIF data in an item. The item's first four bytes state the offset at which the data begins; some phones write a
 * wrong offset or omit the four bytes.
 */
function exifIn(item: Buffer): Buffer {
  const starts = [4 + (item.length < 4 ? 0 : item.readUInt32BE(0)), 4, 0];
  return item.subarray(starts.find((start) => isTiff(item.subarray(start))) ?? 0);
}

/** Item types by id (ISO 14496-12 §8.11.6). */
function typesOfItems(file: Buffer, meta: readonly Box[]): Map<number, string> {
  const types = new Map<number, string>();
  const list = meta.find(({ type }) => type === "iinf");
  if (!list) return types;
  const skip = VERSION_BYTES + (file[list.start] === 0 ? 2 : 4);
  for (const { type, start, end } of boxesIn(file, list.start + skip, list.end)) {
    const version = file.readUInt8(start);
    if (type !== "infe" || version < 2) continue;
    const content = file.subarray(start + VERSION_BYTES, end);
    const idBytes = version === 2 ? 2 : 4;
    types.set(content.readUIntBE(0, idBytes), content.toString("latin1", idBytes + 2, idBytes + 6));
  }
  return types;
}

/** The property `ispe` of an item, or the first one if none is associated with it (ISO 23008-12 §6.5.3, §9.3). */
function sizeOf(file: Buffer, meta: readonly Box[], properties: readonly Box[], id: number): Buffer {
  const ties = inside(file, meta, "iprp").filter(({ type }) => type === "ipma");
  const own = ties.flatMap(({ start, end }) => propertiesOf(file.subarray(start, end), id));
  const index = own.find((each) => properties[each - 1]?.type === "ispe");
  const tied = index === undefined ? [] : properties.slice(index - 1, index);
  return contentOf(file, tied.length > 0 ? tied : properties, "ispe");
}

/** The indexes, from 1, of the properties that an `ipma` box associates with an item. */
function propertiesOf(ipma: Buffer, id: number): number[] {
  const idBytes = ipma.readUInt8(0) < 1 ? 2 : 4;
  const tieBytes = (ipma.readUInt8(3) & 1) + 1;
  let at = 8;
  for (let left = ipma.readUInt32BE(4); left > 0; left -= 1) {
    const [item, count] = [ipma.readUIntBE(at, idBytes), ipma.readUInt8(at + idBytes)];
    at += idBytes + 1;
    const first = at;
    at += count * tieBytes;
    const mask = tieBytes === 1 ? 0x7f : 0x7fff;
    if (item === id)
      return Array.from({ length: count }, (_, index) => ipma.readUIntBE(first + index * tieBytes, tieBytes) & mask);
  }
  return [];
}

/**
 * The byte ranges of a picture's items (ISO 14496-12 §8.11.3).
 * @param data the box `idat`, which contains small items
 * @throws Error when the bytes of an item are not inside the file or `idat`
 */
function placesOfItems(file: Buffer, iloc: Buffer, data: Box | undefined): Map<number, Extent[]> {
  let at = 6;
  const next = (size: number) => {
    if (![0, 2, 4, 8].includes(size) || at + size > iloc.length) throw new Error("a truncated iloc box");
    at += size;
    return size === 0 ? 0 : size === 8 ? Number(iloc.readBigUInt64BE(at - 8)) : iloc.readUIntBE(at - size, size);
  };
  const version = iloc.readUInt8(0);
  const [sizes, moreSizes] = [iloc.readUInt8(4), iloc.readUInt8(5)];
  // Rejects a list without lengths: all its items would be empty, so that the limit on their bytes would not limit
  // their number.
  if ((sizes & 15) === 0) throw new Error("iloc without lengths");
  const found = new Map<number, Extent[]>();
  let all = 0;
  for (let left = next(version < 2 ? 2 : 4); left > 0; left -= 1) {
    const id = next(version < 2 ? 2 : 4);
    const isInside = version > 0 && (next(2) & 15) === 1;
    next(2); // skips the data reference: phones always refer to this file
    const base = next(moreSizes >> 4);
    const [from, to] = isInside ? [data?.start ?? 0, data?.end ?? 0] : [0, file.length];
    const extents: Extent[] = [];
    for (let count = next(2); count > 0; count -= 1) {
      if (version > 0) next(moreSizes & 15);
      const start = from + base + next(sizes >> 4);
      const end = start + next(sizes & 15);
      all += end - start;
      // Limits the bytes of all items together: items may share bytes, and a hostile file could otherwise cause the
      // same bytes to be read many times.
      if (end > to || all > MOST_READS * file.length) throw new Error("an item outside of the file");
      extents.push([start, end]);
    }
    if (extents.length > 0) found.set(id, extents);
  }
  return found;
}

/**
 * The boxes at the beginning of a file, up to the first invalid bytes: some phones write such bytes after the last box.
 * An incomplete picture is still detected, by the byte ranges of its items.
 */
function boxesBeforeJunk(file: Buffer): Box[] {
  const boxes: Box[] = [];
  try {
    return boxesIn(file, 0, file.length, boxes);
  } catch (error) {
    if (!has(boxes, "meta")) throw error;
    return boxes;
  }
}
