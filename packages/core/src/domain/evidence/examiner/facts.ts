import type { ContentType } from "../file-rules.ts";
import { readExif } from "./exif.ts";
import { openHeic } from "./heic.ts";
import { openJpeg } from "./jpeg.ts";
import { openVideo } from "./mp4.ts";
import { openPdf } from "./pdf.ts";
import { openPng } from "./png.ts";
import type { Exif } from "./result.ts";
import { videoFacts } from "./video-facts.ts";
import { openWebp } from "./webp.ts";

const PICTURES = {
  "image/jpeg": openJpeg,
  "image/png": openPng,
  "image/webp": openWebp,
  "image/heic": openHeic,
} as const;

/**
 * Reads the metadata of a file, except its content credentials. Does not decode pictures, and needs no decoder.
 * @throws Refusal; Error when the file is damaged
 */
export function readFacts(file: Buffer, contentType: ContentType): Exif {
  switch (contentType) {
    case "application/pdf":
      return openPdf(file);
    case "video/mp4":
    case "video/quicktime":
      openVideo(file);
      return videoFacts(file);
    case "image/jpeg":
    case "image/png":
    case "image/webp":
    case "image/heic": {
      const { exif, xmp } = PICTURES[contentType](file);
      return readExif(exif, xmp).exif;
    }
  }
}
