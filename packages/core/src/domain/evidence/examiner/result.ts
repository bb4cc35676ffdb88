import * as v from "valibot";
import { CONTENT_TYPES } from "../file-rules.ts";

/** What was promised of an upload. */
export const Declared = v.object({
  contentType: v.picklist(CONTENT_TYPES),
  sizeBytes: v.number(),
  /** SHA-256 hex. */
  sha256: v.string(),
});
export type Declared = Readonly<v.InferOutput<typeof Declared>>;

/** What a picture says about itself. */
const Exif = v.object({
  /** Wall time of the camera, `YYYY-MM-DDTHH:MM:SS`, with the offset where the camera wrote one. */
  taken: v.exactOptional(v.object({ local: v.string(), offset: v.optional(v.string()) })),
  /** Of the satellites, RFC 3339. */
  gpsTime: v.exactOptional(v.string()),
  place: v.exactOptional(v.object({ lat: v.number(), lon: v.number() })),
  camera: v.exactOptional(v.string()),
  /** It has EXIF, and some of its directories cannot be read. */
  unreadable: v.exactOptional(v.literal(true)),
});
export type Exif = Readonly<v.InferOutput<typeof Exif>>;

const FileResult = v.variant("ok", [
  v.object({
    ok: v.literal(true),
    exif: Exif,
    /** JPEG. */
    thumbnail: v.optional(v.custom<Uint8Array>((value) => value instanceof Uint8Array)),
    /** See `pictureHash`; undefined for what is no picture, or one whose pixels are not read. */
    looks: v.optional(v.string()),
  }),
  v.object({ ok: v.literal(false), code: v.string(), detail: v.string() }),
]);
export type FileResult = Readonly<v.InferOutput<typeof FileResult>>;

/** The first line of the program's output, before it reads its input. */
export const READY = "ready";
const packed = v.pipe(
  v.string(),
  v.transform((text): Uint8Array => Buffer.from(text, "base64")),
);
const [accepted, refused] = FileResult.options;
/** What the examiner tells its parent. */
export const Answer = v.object({
  result: v.variant("ok", [v.object({ ...accepted.entries, thumbnail: v.optional(packed) }), refused]),
  /** Of the whole process. */
  cpuSeconds: v.number(),
  peakMegabytes: v.number(),
});
export type Answer = Readonly<v.InferOutput<typeof Answer>>;

/** The answer as text that {@link Answer} reads. */
export const toText = ({ result, ...cost }: Answer): string =>
  JSON.stringify({
    ...cost,
    result:
      result.ok && result.thumbnail
        ? { ...result, thumbnail: Buffer.from(result.thumbnail).toString("base64") }
        : result,
  });
