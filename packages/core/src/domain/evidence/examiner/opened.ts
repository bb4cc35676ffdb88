/** A picture's header, and its file reduced to the pixels. */
export interface OpenedPicture {
  /** As stored, before the orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** Memory that a decoder needs at once. Little for a picture that is reduced or read line by line. */
  readonly memoryBytes: number;
  readonly mostPixels: number;
  /** A TIFF structure, with or without its container's prefix. */
  readonly exif: Buffer | undefined;
  /** A packet of XMP. */
  readonly xmp?: Buffer | undefined;
  /** The file without metadata; undefined for a type that is not decoded. */
  readonly pixels: Buffer | undefined;
}

/** A small file may contain far more pixels than this and would fill the memory. */
export const PIXEL_LIMIT = 5e7;
/**
 * Phones take up to 200 megapixels. A baseline JPEG is reduced while it is read: one of 200 (16,320×12,240) needs 80 MB
 * in all.
 */
export const LARGE_PIXEL_LIMIT = 2.5e8;
/** Metadata chunks or segments in one file; 10 MB of XMP, split as JPEG requires, has 160. */
export const MOST_METADATA_PARTS = 1_000;
/** Lines that a decoder keeps when it reads a picture from top to bottom. */
const LINES_AT_ONCE = 64;

/** Memory for a picture that is read line by line. */
export const lineByLine = (width: number, bytesPerPixel: number): number => width * bytesPerPixel * LINES_AT_ONCE;
