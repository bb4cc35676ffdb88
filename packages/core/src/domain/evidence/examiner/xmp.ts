import { type OwnTime, timeIn } from "./time.ts";

/** First bytes of a JPEG segment with XMP (XMP part 3, §1.1.3). */
export const XMP_SEGMENT = "http://ns.adobe.com/xap/1.0/\0";
/**
 * Number of bytes of a packet that are searched: a packet with edit histories is larger, but its dates come before
 * them.
 */
const MOST_BYTES = 262_144;
/** The names of the time at which a picture was taken, the most exact first; each may be an attribute or an element. */
const NAMES = ["exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized", "xmp:CreateDate"];

/**
 * The time when a picture was taken, according to its XMP. Searches for the names instead of parsing the XML: entities
 * of a hostile file could expand until the memory is full.
 */
export function xmpTime(packet: Buffer | undefined): OwnTime | undefined {
  const text = packet?.toString("latin1", 0, MOST_BYTES) ?? "";
  for (const name of NAMES) {
    const [, value] = new RegExp(`${name}\\s{0,9}(?:=\\s{0,9}["']|>)\\s{0,99}([\\dT:.+Z-]{10,40})`).exec(text) ?? [];
    const time = value === undefined ? undefined : timeIn(value);
    if (time) return time;
  }
  return undefined;
}
