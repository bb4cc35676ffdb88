import type { ContentType } from "./file-rules.ts";

/** More boxes at one depth than any genuine file has; what lists more would only fill the memory. */
const MOST_BOXES = 100_000;
/** Readers of PDF look for its end in 1,024 last bytes; what says where its table is stands just before that. */
const PDF_TAIL_BYTES = 1100;

/** What lies inside of a box of an ISO media file: its type, and where its content begins and ends. */
interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Whether a file of a type that nothing here decodes is built as that type says: its parts follow each other to the last byte,
 * those without which nothing could show it are there, and what points into the file points at what it should. Takes time in
 * proportion to the length of the file, whatever that says.
 */
export function isWellBuilt(bytes: Uint8Array, contentType: ContentType): boolean {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    if (contentType === "application/pdf") return isPdf(file);
    if (contentType === "video/mp4") return isMp4(file);
    return contentType !== "image/heic" || isHeic(file);
  } catch {
    return false; // it breaks off, or does not add up
  }
}

/** Whether an ISO media file says that it is a HEIC. Its first brand may be the one of all such pictures, whatever coded them. */
export function saysHeic(bytes: Uint8Array): boolean {
  const brands = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 256)).toString("latin1");
  return /^....ftyp(?:....){0,60}?hei[cx]/s.test(brands);
}

/** ISO 32000-2 §7.5: a header, and an end that tells where the table of its objects is. */
function isPdf(file: Buffer): boolean {
  const tail = file.toString("latin1", Math.max(0, file.length - PDF_TAIL_BYTES));
  const [, offset] = /^startxref\s+(\d{1,10})\s+%%EOF/.exec(tail.slice(tail.lastIndexOf("startxref"))) ?? [];
  if (offset === undefined || !/^%PDF-[12]\.\d/.test(file.toString("latin1", 0, 8))) return false;
  const table = file.toString("latin1", Number(offset), Number(offset) + 40);
  return /^\s*(xref\s|\d{1,10} \d{1,5} obj)/.test(table);
}

/** ISO 14496-12: at least one track with its table of samples, and their bytes. */
function isMp4(file: Buffer): boolean {
  const top = boxesIn(file, 0, file.length);
  const media = inside(file, inside(file, inside(file, inside(file, top, "moov"), "trak"), "mdia"), "minf");
  return has(top, "ftyp", "moov", "mdat") && has(media, "stbl");
}

/** ISO 23008-12: a picture with its size, coded as HEVC, all of whose bytes are in the file. */
function isHeic(file: Buffer): boolean {
  const top = boxesBeforeJunk(file);
  const meta = inside(file, top, "meta", 4);
  const properties = inside(file, inside(file, meta, "iprp"), "ipco");
  const [primary, places] = [meta.find(({ type }) => type === "pitm"), meta.find(({ type }) => type === "iloc")];
  if (!primary || !places || !has(meta, "iinf", "iprp") || !has(properties, "hvcC", "ispe")) return false;
  const id = file[primary.start] === 0 ? file.readUInt16BE(primary.start + 4) : file.readUInt32BE(primary.start + 4);
  const data = meta.find(({ type }) => type === "idat");
  return placedItems(file, places, data ? data.end - data.start : 0).has(id);
}

/**
 * The items of a picture that have bytes (ISO 14496-12 §8.11.3).
 * @param dataLength of the box `idat`, where small ones lie
 * @throws Error when the bytes of one are not where it says
 */
function placedItems(file: Buffer, { start, end }: Box, dataLength: number): Set<number> {
  let at = start + 6;
  const next = (size: number) => {
    if (![0, 2, 4, 8].includes(size) || at + size > end) throw new Error("iloc breaks off");
    at += size;
    return size === 0 ? 0 : size === 8 ? Number(file.readBigUInt64BE(at - 8)) : file.readUIntBE(at - size, size);
  };
  const version = file.readUInt8(start);
  const [sizes, moreSizes] = [file.readUInt8(start + 4), file.readUInt8(start + 5)];
  // Without a length, what lists nothing could go on for as long as it likes.
  if ((sizes & 15) === 0) throw new Error("iloc without lengths");
  const found = new Set<number>();
  for (let left = next(version < 2 ? 2 : 4); left > 0; left -= 1) {
    const id = next(version < 2 ? 2 : 4);
    const isInside = version > 0 && (next(2) & 15) === 1;
    next(2); // which file it is in; no phone writes any other than this one
    const base = next(moreSizes >> 4);
    for (let extents = next(2); extents > 0; extents -= 1) {
      if (version > 0) next(moreSizes & 15);
      const first = base + next(sizes >> 4);
      if (first + next(sizes & 15) > (isInside ? dataLength : file.length)) throw new Error("an item beyond the end");
      found.add(id);
    }
  }
  return found;
}

const has = (boxes: readonly Box[], ...types: readonly string[]) =>
  types.every((type) => boxes.some((box) => box.type === type));

/** The boxes in all boxes of a type. @param skipBytes what stands before them */
function inside(file: Buffer, boxes: readonly Box[], type: string, skipBytes = 0): Box[] {
  const found: Box[] = [];
  for (const box of boxes) if (box.type === type) boxesIn(file, box.start + skipBytes, box.end, found);
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

/** The boxes that fill a room to its end (ISO 14496-12 §4.2), after those `boxes`. @throws Error when they do not, or are too many */
function boxesIn(file: Buffer, start: number, end: number, boxes: Box[] = []): Box[] {
  for (let at = start; at < end;) {
    const short = file.readUInt32BE(at);
    const head = short === 1 ? 16 : 8;
    const isLast = short === 0 && end === file.length; // "to the end of the file"
    const size = isLast ? end - at : short === 1 ? Number(file.readBigUInt64BE(at + 8)) : short;
    if (size < head || size > end - at || boxes.length === MOST_BOXES) throw new Error("the boxes do not add up");
    boxes.push({ type: file.toString("latin1", at + 4, at + 8), start: at + head, end: at + size });
    at += size;
  }
  return boxes;
}
