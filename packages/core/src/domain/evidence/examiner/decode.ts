import sharp, { type Sharp } from "sharp";
import { type Likeness, likenessOf } from "../picture-frequencies.ts";
import type { ReducedPicture } from "./heic-pixels.ts";
import type { Turn } from "./opened.ts";

const THUMBNAIL_EDGE = 320;
const AVATAR_EDGE = 256;
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
  /** A JPEG without metadata, at most 320 pixels a side. */
  readonly thumbnail: Buffer;
  readonly likeness: Likeness;
}

/**
 * Decodes a picture once, and reduces it while reading; thumbnail and likeness are computed from the reduced picture.
 * @param pixels the picture file, without its metadata
 * @throws Error when the file is truncated or cannot be decoded
 */
export async function decode(pixels: Buffer, orientation: number, limitInputPixels: number): Promise<Decoded> {
  const { data, info } = await sharp(pixels, { limitInputPixels, failOn: "error" })
    .resize(THUMBNAIL_EDGE, THUMBNAIL_EDGE, { fit: "inside" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return finish(turned(sharp(data, { raw: { width, height, channels } }), orientation));
}

function turned(picture: Sharp, orientation: number): Sharp {
  const [degrees, mirrored] = TURNS[orientation] ?? [0];
  if (mirrored) picture[mirrored]();
  if (degrees > 0) picture.rotate(degrees);
  return picture;
}

/**
 * Decodes a picture, crops it to the square in its middle, and re-encodes it: a WebP of 256×256 pixels without metadata.
 * @param pixels the picture file, without its metadata
 * @throws Error when the file is truncated or cannot be decoded
 */
export async function avatar(pixels: Buffer, orientation: number, limitInputPixels: number): Promise<Buffer> {
  const { data, info } = await sharp(pixels, { limitInputPixels, failOn: "error" })
    .resize(AVATAR_EDGE, AVATAR_EDGE, { fit: "cover" })
    .flatten({ background: "#ffffff" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return turned(sharp(data, { raw: { width, height, channels } }), orientation)
    .webp({ quality: 80 })
    .toBuffer();
}

/**
 * Applies transformations to a reduced picture, and computes thumbnail and likeness.
 * @param reduced a picture that another decoder has reduced
 */
export async function decodeReduced({ data, width, height }: ReducedPicture, turns: readonly Turn[]): Promise<Decoded> {
  let picture = { data, info: { width, height } };
  for (const turn of turns) {
    const raw = sharp(picture.data, { raw: { ...picture.info, channels: 3 } });
    const turned = "degrees" in turn ? raw.rotate(turn.degrees) : raw[turn.mirrored]();
    picture = await turned.raw().toBuffer({ resolveWithObject: true });
  }
  const { data: small, info } = await sharp(picture.data, {
    raw: { width: picture.info.width, height: picture.info.height, channels: 3 },
  })
    .resize(THUMBNAIL_EDGE, THUMBNAIL_EDGE, { fit: "inside" })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return finish(sharp(small, { raw: { width: info.width, height: info.height, channels: 3 } }));
}

async function finish(upright: Sharp): Promise<Decoded> {
  const thumbnail = await upright.clone().jpeg({ quality: 75 }).toBuffer();
  const { data, info } = await upright.clone().removeAlpha().greyscale().raw().toBuffer({ resolveWithObject: true });
  return { thumbnail, likeness: likenessOf({ data, width: info.width, height: info.height }) };
}
