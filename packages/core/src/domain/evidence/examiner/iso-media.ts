/**
 * Maximum number of boxes at one depth, more than any genuine file has: a hostile file could fill the memory with
 * boxes.
 */
const MOST_BOXES = 100_000;

/** A box of an ISO media file: its type, and where its content begins and ends. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/**
 * Parses the boxes between `start` and `end`, which they must fill (ISO 14496-12 §4.2), and appends them to `boxes`.
 * @throws Error when they do not fit or are too many
 */
export function boxesIn(file: Buffer, start: number, end: number, boxes: Box[] = []): Box[] {
  for (let at = start; at < end;) {
    const short = file.readUInt32BE(at);
    const head = short === 1 ? 16 : 8;
    const isLast = short === 0 && end === file.length; // size 0 means "to the end of the file"
    const size = isLast ? end - at : short === 1 ? Number(file.readBigUInt64BE(at + 8)) : short;
    if (size < head || size > end - at || boxes.length === MOST_BOXES) throw new Error("the boxes do not add up");
    boxes.push({ type: file.toString("latin1", at + 4, at + 8), start: at + head, end: at + size });
    at += size;
  }
  return boxes;
}

/**
 * The child boxes of all boxes of a type.
 * @param skipBytes bytes before the first child
 */
export function inside(file: Buffer, boxes: readonly Box[], type: string, skipBytes = 0): Box[] {
  const found: Box[] = [];
  for (const box of boxes) if (box.type === type) boxesIn(file, box.start + skipBytes, box.end, found);
  return found;
}

export const has = (boxes: readonly Box[], ...types: readonly string[]): boolean =>
  types.every((type) => boxes.some((box) => box.type === type));

/**
 * The content of the first box of a type.
 * @throws Error when there is none
 */
export function contentOf(file: Buffer, boxes: readonly Box[], type: string): Buffer {
  const box = boxes.find((each) => each.type === type);
  if (!box) throw new Error(`no box ${type}`);
  return file.subarray(box.start, box.end);
}

/** Upper limit of zeros that a lenient encoder may write at the end of a unit. */
const MOST_PADDING_BYTES = 16;
/** Byte sequences that no NAL unit contains: encoders insert a 3 to avoid them (H.265 §7.4.2, H.264 §7.4.1). */
const FORBIDDEN = [0, 1, 2].map((last) => Buffer.from([0, 0, last]));

/**
 * Whether bytes are NAL units of H.264 or H.265, each preceded by its length (ISO 14496-15 §4.3): they fill the bytes
 * to the end, and no unit has the forbidden bit or a forbidden sequence before its trailing zeros. Random bytes fail
 * this test, and so does a picture of which parts were overwritten with zeros.
 */
export function areUnits(bytes: Buffer, lengthBytes: number): boolean {
  let at = 0;
  while (at + lengthBytes < bytes.length) {
    const length = bytes.readUIntBE(at, lengthBytes);
    const first = bytes.readUInt8(at + lengthBytes);
    if (length === 0 || first >= 0x80) return false;
    let end = Math.min(bytes.length, at + lengthBytes + length);
    for (let padding = 0; padding < MOST_PADDING_BYTES && bytes[end - 1] === 0; padding += 1) end -= 1;
    const unit = bytes.subarray(at + lengthBytes, end);
    if (FORBIDDEN.some((sequence) => unit.includes(sequence))) return false;
    at += lengthBytes + length;
  }
  return at === bytes.length && at > 0;
}
