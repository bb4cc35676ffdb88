import * as v from "valibot";
import { CONTENT_TYPES } from "../file-rules.ts";
import { Likeness } from "../picture-frequencies.ts";

/** The client's declaration of an upload. */
export const Declared = v.object({
  contentType: v.picklist(CONTENT_TYPES),
  sizeBytes: v.number(),
  /** SHA-256 hex. */
  sha256: v.string(),
});
export type Declared = Readonly<v.InferOutput<typeof Declared>>;

/** The content credentials (C2PA) of a picture. */
export const ContentCredentials = v.object({
  /** Whether file and manifest are unchanged since they were signed. */
  integrity: v.picklist(["intact", "broken"]),
  /** Whether the signer's certificate leads to an authority that this platform trusts, and was valid when it signed. */
  trust: v.picklist(["trusted", "unknown", "expired"]),
  /** The name in the signer's certificate. */
  signer: v.nullable(v.string()),
  /** The program that wrote the manifest. */
  generator: v.nullable(v.string()),
});
export type ContentCredentials = Readonly<v.InferOutput<typeof ContentCredentials>>;

/** The metadata that a file contains; for a picture, its EXIF data. */
export const Exif = v.object({
  /** Local time of the camera, `YYYY-MM-DDTHH:MM:SS`, with the offset if the camera wrote one. */
  taken: v.exactOptional(v.object({ local: v.string(), offset: v.optional(v.string()) })),
  /** Time from GPS satellites, RFC 3339. */
  gpsTime: v.exactOptional(v.string()),
  place: v.exactOptional(v.object({ lat: v.number(), lon: v.number() })),
  camera: v.exactOptional(v.string()),
  /** Set if `taken` has no offset but may be UTC, as the standard of videos requires. */
  mayBeUtc: v.exactOptional(v.literal(true)),
  /** Number of a document's pages. */
  pages: v.exactOptional(v.number()),
  /** Length of a video. */
  durationSeconds: v.exactOptional(v.number()),
  contentCredentials: v.exactOptional(ContentCredentials),
  /** Set if some of the EXIF directories cannot be read. */
  unreadable: v.exactOptional(v.literal(true)),
});
export type Exif = Readonly<v.InferOutput<typeof Exif>>;

const FileResult = v.variant("ok", [
  v.object({
    ok: v.literal(true),
    exif: Exif,
    /** The thumbnail, a JPEG. */
    thumbnail: v.optional(v.custom<Uint8Array>((value) => value instanceof Uint8Array)),
    /**
     * Data for finding similar pictures, see `picture-likeness.ts`; undefined for files that are not pictures, or are
     * not decoded.
     */
    likeness: v.optional(Likeness),
  }),
  v.object({ ok: v.literal(false), code: v.string(), detail: v.string() }),
]);
export type FileResult = Readonly<v.InferOutput<typeof FileResult>>;

/** The first line of the program's output, which it writes before it reads its input. */
export const READY = "ready";
const packed = v.pipe(
  v.string(),
  v.transform((text): Uint8Array => Buffer.from(text, "base64")),
);
const [accepted, refused] = FileResult.options;
/** The examiner's result, as its parent parses it. */
export const ExaminerResult = v.object({
  result: v.variant("ok", [v.object({ ...accepted.entries, thumbnail: v.optional(packed) }), refused]),
  /** CPU time and peak memory of the whole process. */
  cpuSeconds: v.number(),
  peakMegabytes: v.number(),
});
export type ExaminerResult = Readonly<v.InferOutput<typeof ExaminerResult>>;

/** Serialises the result to a line that {@link ExaminerResult} parses. */
export const toText = ({ result, ...cost }: ExaminerResult): string =>
  JSON.stringify({
    ...cost,
    result:
      result.ok && result.thumbnail
        ? { ...result, thumbnail: Buffer.from(result.thumbnail).toString("base64") }
        : result,
  });
