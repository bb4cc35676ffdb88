import { tooComplex } from "./refusal.ts";

/** Upper limit of entries in one directory; apart from maker notes, cameras write up to about 80. */
const MOST_ENTRIES = 10_000;
/** Length above which a text is ignored, since a reader would not read it. */
const MOST_TEXT_BYTES = 2_000;
const ENTRY_BYTES = 12;
/** Size of one value in bytes, by the number of its type (TIFF 6.0 §2 and Exif 3.0 §4.6.3). */
const TYPE_BYTES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8, 13: 4, 129: 1 };
const [RATIONAL, SIGNED_RATIONAL] = [5, 10];

/** Values by tag. */
export type Directory = ReadonlyMap<number, Value>;
export interface Value {
  readonly type: number;
  readonly bytes: Buffer;
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
export function openTiff(block: Buffer) {
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
export type Tiff = NonNullable<ReturnType<typeof openTiff>>;

/** Reads fractions; a fraction with denominator 0 yields NaN. */
function fractions(bytes: Buffer, isLittle: boolean): number[] {
  const part = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  return Array.from({ length: Math.min(3, Math.floor(bytes.length / 8)) }, (_, index) => {
    const [over, under] = [part(index * 8), part(index * 8 + 4)];
    return under === 0 ? Number.NaN : over / under;
  });
}
