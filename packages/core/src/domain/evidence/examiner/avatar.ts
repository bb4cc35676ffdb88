import { avatar } from "./decode.ts";
import { assertDeclared, assertMemory, refusing } from "./examine-file.ts";
import { readExif } from "./exif.ts";
import { openJpeg } from "./jpeg.ts";
import type { OpenedPicture } from "./opened.ts";
import { openPng } from "./png.ts";
import { Refusal } from "./refusal.ts";
import type { Declared, FileResult } from "./result.ts";
import { openWebp } from "./webp.ts";

/** Minimum width and height of a profile picture. */
const SMALLEST_EDGE = 64;

/**
 * Makes a profile picture of an uploaded file: a small square without metadata, the `thumbnail` of the result. Nothing
 * else of the file is returned.
 * @param pictureMegabytes memory limit of the decoder
 */
export function avatarOf(file: Buffer, declared: Declared, pictureMegabytes: number): Promise<FileResult> {
  return refusing(declared, async () => {
    assertDeclared(file, declared);
    const picture = open(file, declared);
    if (Math.min(picture.width, picture.height) < SMALLEST_EDGE)
      throw new Refusal("PICTURE_TOO_SMALL", `A picture must have at least ${SMALLEST_EDGE}×${SMALLEST_EDGE} pixels.`);
    assertMemory(picture, pictureMegabytes);
    if (!picture.pixels) throw new Error("a picture without pixels");
    const { orientation } = readExif(picture.exif, picture.xmp);
    const thumbnail = await avatar(picture.pixels, orientation, picture.mostPixels);
    return { ok: true, exif: {}, thumbnail, likeness: undefined };
  });
}

function open(file: Buffer, { contentType }: Declared): OpenedPicture {
  switch (contentType) {
    case "image/jpeg":
      return openJpeg(file);
    case "image/png":
      return openPng(file);
    case "image/webp":
      return openWebp(file);
    case "image/heic":
    case "application/pdf":
    case "video/mp4":
    case "video/quicktime":
      throw new Error(`a profile picture of type ${contentType}`);
  }
}
