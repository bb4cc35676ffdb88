/** A picture's header, and a copy of the file without metadata, which the decoder gets. */
export interface OpenedPicture {
  /** The size as stored, before the orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** Memory that a decoder needs at once; little for a picture that is reduced or read line by line. */
  readonly memoryBytes: number;
  readonly mostPixels: number;
  /** A TIFF structure, with or without its container's prefix. */
  readonly exif: Buffer | undefined;
  /** A packet of XMP. */
  readonly xmp?: Buffer | undefined;
  /** The file without metadata; undefined for a type that the examiner does not decode. */
  readonly pixels: Buffer | undefined;
}

/**
 * One transformation of a HEIC. A file may have several, which must be applied in the order of the file (ISO 23008-12
 * §6.5.10, §6.5.12).
 */
export type Turn = { readonly degrees: number } | { readonly mirrored: "flip" | "flop" };

/**
 * Upper limit of pixels of a picture that must be decoded as a whole: a small file may contain far more and would fill
 * the memory.
 */
export const PIXEL_LIMIT = 5e7;
/**
 * Maximum number of pixels of a picture that is reduced while it is read, such as a baseline JPEG. Phones take pictures
 * of up to 200 megapixels (16,320×12,240), which need 80 MB of memory in all.
 */
export const LARGE_PIXEL_LIMIT = 2.5e8;
/**
 * Maximum number of metadata chunks or segments in one file. 10 MB of XMP, split into segments as JPEG requires, has
 * 160.
 */
export const MOST_METADATA_PARTS = 1_000;
/** Number of lines that a decoder keeps when it reads a picture from top to bottom. */
const LINES_AT_ONCE = 64;

/** Memory for a picture that is read line by line. */
export const lineByLine = (width: number, bytesPerPixel: number): number => width * bytesPerPixel * LINES_AT_ONCE;
