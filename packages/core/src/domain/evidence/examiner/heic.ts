import { isTiff } from "./exif.ts";
import { type Box, areUnits, boxesIn, contentOf, has, inside } from "./iso-media.ts";
import { LARGE_PIXEL_LIMIT, type OpenedPicture } from "./opened.ts";

/** What stands before the boxes of a box with a version. */
const VERSION_BYTES = 4;
/** EXIF with its thumbnail takes 64 KiB at most in a JPEG. */
const MOST_EXIF_BYTES = 1_000_000;

/** How often items may name the bytes of the file, altogether: a few share theirs, and nothing is read over and over. */
const MOST_READS = 4;

/** Where the bytes of an item are, in the file. */
type Extent = readonly [start: number, end: number];

/** Whether an ISO media file says that it is a HEIC. Its first brand may be the one of all such pictures, whatever coded them. */
export function saysHeic(file: Buffer): boolean {
  return /^....ftyp(?:....){0,60}?hei[cx]/s.test(file.toString("latin1", 0, 256));
}

/**
 * Takes a HEIC apart (ISO 23008-12): a picture with its size, coded as HEVC, all of whose bytes are in the file. Its pixels are not
 * decoded, but the units that hold them must follow each other as such units do.
 * @throws Error when it is not built so
 */
export function openHeic(file: Buffer): OpenedPicture {
  const top = boxesBeforeJunk(file);
  const meta = inside(file, top, "meta", VERSION_BYTES);
  const properties = inside(file, inside(file, meta, "iprp"), "ipco");
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
  const lengthBytes = (contentOf(file, properties, "hvcC").readUInt8(21) & 3) + 1;
  for (const [id, type] of types)
    if (type === "hvc1" && !areUnits(bytesOf(id), lengthBytes)) throw new Error("a picture that is not coded as HEVC");
  const size = sizeOf(file, meta, properties, primary);
  const [exifId] = [...types].find(([, type]) => type === "Exif") ?? [];
  return {
    width: size.readUInt32BE(4),
    height: size.readUInt32BE(8),
    memoryBytes: 0,
    mostPixels: LARGE_PIXEL_LIMIT,
    exif: exifId === undefined ? undefined : exifIn(bytesOf(exifId).subarray(0, MOST_EXIF_BYTES)),
    pixels: undefined,
  };
}

/** The item says how far behind its first four bytes EXIF begins; some phones say it wrongly, or leave those bytes out. */
function exifIn(item: Buffer): Buffer {
  const starts = [4 + (item.length < 4 ? 0 : item.readUInt32BE(0)), 4, 0];
  return item.subarray(starts.find((start) => isTiff(item.subarray(start))) ?? 0);
}

/** Types of items by their ids (ISO 14496-12 §8.11.6). */
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

/** The property `ispe` of an item, or the first one when none is tied to it (ISO 23008-12 §6.5.3, §9.3). */
function sizeOf(file: Buffer, meta: readonly Box[], properties: readonly Box[], id: number): Buffer {
  const ties = inside(file, meta, "iprp").filter(({ type }) => type === "ipma");
  const own = ties.flatMap(({ start, end }) => propertiesOf(file.subarray(start, end), id));
  const index = own.find((each) => properties[each - 1]?.type === "ispe");
  const tied = index === undefined ? [] : properties.slice(index - 1, index);
  return contentOf(file, tied.length > 0 ? tied : properties, "ispe");
}

/** Numbers, from 1, of the properties that a box `ipma` ties to an item. */
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
 * The items of a picture that have bytes (ISO 14496-12 §8.11.3).
 * @param data the box `idat`, where small ones lie
 * @throws Error when the bytes of one are not where it says
 */
function placesOfItems(file: Buffer, iloc: Buffer, data: Box | undefined): Map<number, Extent[]> {
  let at = 6;
  const next = (size: number) => {
    if (![0, 2, 4, 8].includes(size) || at + size > iloc.length) throw new Error("iloc breaks off");
    at += size;
    return size === 0 ? 0 : size === 8 ? Number(iloc.readBigUInt64BE(at - 8)) : iloc.readUIntBE(at - size, size);
  };
  const version = iloc.readUInt8(0);
  const [sizes, moreSizes] = [iloc.readUInt8(4), iloc.readUInt8(5)];
  // Without a length, what lists nothing could go on for as long as it likes.
  if ((sizes & 15) === 0) throw new Error("iloc without lengths");
  const found = new Map<number, Extent[]>();
  let all = 0;
  for (let left = next(version < 2 ? 2 : 4); left > 0; left -= 1) {
    const id = next(version < 2 ? 2 : 4);
    const isInside = version > 0 && (next(2) & 15) === 1;
    next(2); // which file it is in; no phone writes any other than this one
    const base = next(moreSizes >> 4);
    const [from, to] = isInside ? [data?.start ?? 0, data?.end ?? 0] : [0, file.length];
    const extents: Extent[] = [];
    for (let count = next(2); count > 0; count -= 1) {
      if (version > 0) next(moreSizes & 15);
      const start = from + base + next(sizes >> 4);
      const end = start + next(sizes & 15);
      all += end - start;
      // Items that share their bytes could have the file read over and over.
      if (end > to || all > MOST_READS * file.length) throw new Error("an item beyond the end");
      extents.push([start, end]);
    }
    if (extents.length > 0) found.set(id, extents);
  }
  return found;
}

/** Some phones leave bytes behind the last box of a picture. Whether it is whole, the places of its items tell. */
function boxesBeforeJunk(file: Buffer): Box[] {
  const boxes: Box[] = [];
  try {
    return boxesIn(file, 0, file.length, boxes);
  } catch (error) {
    if (!has(boxes, "meta")) throw error;
    return boxes;
  }
}
