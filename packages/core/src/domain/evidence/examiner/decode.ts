import sharp from "sharp";
import { pictureHash } from "../picture-hash.ts";

const THUMBNAIL_EDGE = 320;
/** The transformation for each EXIF orientation (TIFF 6.0 §8): mirror first, then rotate clockwise. */
const TURNS: Readonly<Record<number, readonly [degrees: number, mirrored?: "flip" | "flop"]>> = {
  2: [0, "flop"],
  3: [180],
  4: [0, "flip"],
  5: [90, "flip"],
  6: [90],
  7: [90, "flop"],
  8: [270],
};

export interface Decoded {
  /** JPEG without metadata, at most 320 pixels a side. */
  readonly thumbnail: Buffer;
  /** See {@link pictureHash}. */
  readonly pictureHash: string;
}

/**
 * Decodes a picture once, reducing it while reading; thumbnail and hash are made from the reduced picture.
 * @param pixels a file without metadata
 * @throws Error when it is truncated or cannot be decoded
 */
export async function decode(pixels: Buffer, orientation: number, limitInputPixels: number): Promise<Decoded> {
  const { data, info } = await sharp(pixels, { limitInputPixels, failOn: "error" })
    .resize(THUMBNAIL_EDGE, THUMBNAIL_EDGE, { fit: "inside" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const [degrees, mirrored] = TURNS[orientation] ?? [0];
  const upright = sharp(data, { raw: { width, height, channels } });
  if (mirrored) upright[mirrored]();
  if (degrees > 0) upright.rotate(degrees);
  return { thumbnail: await upright.clone().jpeg({ quality: 75 }).toBuffer(), pictureHash: await pictureHash(upright) };
}
