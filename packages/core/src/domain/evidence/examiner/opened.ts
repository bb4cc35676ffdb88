/** What the header of a picture says, and the picture without anything else than its pixels. */
export interface OpenedPicture {
  /** As stored, before its orientation is applied. */
  readonly width: number;
  readonly height: number;
  /** What a decoder must keep in memory at once. A picture that is shrunk or read line by line needs little. */
  readonly memoryBytes: number;
  readonly mostPixels: number;
  /** A TIFF structure, with or without what stands before it in its container. */
  readonly exif: Buffer | undefined;
  /** The file without its metadata; undefined for a type whose pixels are not decoded. */
  readonly pixels: Buffer | undefined;
}

/** A small file can hold far more pixels than this, and would fill the memory. */
export const PIXEL_LIMIT = 5e7;
/** Phones make up to 200 megapixels. A baseline JPEG is shrunk while it is read: one of 200 (16,320×12,240) takes 80 MB in all. */
export const LARGE_PIXEL_LIMIT = 2.5e8;
/** Chunks or segments of metadata in one file; XMP of 10 MB, cut as JPEG cuts it, has 160. */
export const MOST_METADATA_PARTS = 1_000;
/** Lines that a decoder keeps when it reads a picture from top to bottom. */
const LINES_AT_ONCE = 64;

/** Memory for a picture that is read line by line. */
export const lineByLine = (width: number, bytesPerPixel: number): number => width * bytesPerPixel * LINES_AT_ONCE;
