import { FileSizeError, MB } from "./file-size.ts";

/** Largest picture that is decoded for a profile picture: larger ones exhaust the memory of a cheap phone. */
const LARGEST_BYTES = 30 * MB;
/** Smallest width and height of a profile picture in pixels; the API's limit. */
const SMALLEST_EDGE = 64;
/** Width and height of the result in pixels, twice those that the API stores. */
const EDGE = 512;
const QUALITY = 0.85;

/** Thrown for a file that cannot become a profile picture; the reason selects the message. */
export class PictureError extends Error {
  readonly reason: "undecodable" | "too_small";

  constructor(reason: PictureError["reason"], cause?: unknown) {
    super(`The file cannot become a profile picture: ${reason}.`, { cause });
    this.reason = reason;
  }
}

/**
 * Crops the square in the middle of a picture and reduces it to at most {@link EDGE} pixels. The upload has some 50 KB
 * instead of a camera's 5 MB, and the metadata, such as the place, stays on the device.
 * @returns a JPEG
 * @throws FileSizeError, PictureError
 */
export async function squareOf(file: Blob): Promise<Blob> {
  if (file.size > LARGEST_BYTES) throw new FileSizeError(file.size, LARGEST_BYTES);
  const picture = await createImageBitmap(file).catch((cause: unknown) => {
    throw new PictureError("undecodable", cause);
  });
  try {
    const edge = Math.min(picture.width, picture.height);
    if (edge < SMALLEST_EDGE) throw new PictureError("too_small");
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.min(edge, EDGE);
    const context = canvas.getContext("2d");
    if (!context) throw new PictureError("undecodable");
    // JPEG has no transparency: transparent pixels would become black.
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    const [left, top] = [(picture.width - edge) / 2, (picture.height - edge) / 2];
    context.drawImage(picture, left, top, edge, edge, 0, 0, canvas.width, canvas.height);
    return await new Promise<Blob>((resolve, reject) =>
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new PictureError("undecodable"))), "image/jpeg", QUALITY),
    );
  } finally {
    picture.close();
  }
}
