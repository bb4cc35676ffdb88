import type { ContentType } from "../file-rules.ts";

/** The type of a file according to its bytes. */
export interface FileType {
  /** Undefined for an unknown type, or a type that cannot be evidence. */
  readonly contentType: ContentType | undefined;
  /** The type's name in messages to the member, with its article. */
  readonly name: string;
}

const NAMES: Readonly<Record<ContentType, string>> = {
  "image/jpeg": "a JPEG picture",
  "image/png": "a PNG picture",
  "image/webp": "a WebP picture",
  "image/heic": "a HEIC picture",
  "application/pdf": "a PDF document",
  "video/mp4": "an MP4 video",
  "video/quicktime": "a QuickTime video",
};
const accepted = (contentType: ContentType): FileType => ({
  contentType,
  name: `${NAMES[contentType]} (${contentType})`,
});
const other = (name: string): FileType => ({ contentType: undefined, name });

/**
 * Number of bytes in which readers search for the header of a PDF (ISO 32000-2, annex I; Acrobat's implementation
 * note).
 */
const PDF_HEADER_WITHIN_BYTES = 1024;
/**
 * The position of a PDF's header: some programs and mail servers write bytes before it.
 * @returns -1 without a header
 */
export const pdfStart = (file: Buffer): number =>
  file.subarray(0, PDF_HEADER_WITHIN_BYTES).indexOf("%PDF-", 0, "latin1");

/** First bytes, in Latin-1, of file types that members send by mistake. */
const OTHERS: readonly (readonly [start: RegExp, name: string])[] = [
  [/^GIF8[79]a/, "a GIF picture"],
  [/^(II\*\0|MM\0\*)/, "a TIFF or raw picture"],
  [/^BM.{4}\0{4}/s, "a BMP picture"],
  [/^RIFF.{4}AVI /s, "an AVI video"],
  [/^\x1aE\xdf\xa3/, "a WebM or Matroska video"],
  [/^(\xff\x0a|\0{3}\x0cJXL )/, "a JPEG XL picture"],
  [/^PK\x03\x04/, "a ZIP archive or an office document"],
  // A PDF may have bytes before its header. But a file that begins as a web page or a program is no PDF, even with a
  // PDF header further on, since it would be of both types (MIME Sniffing Standard, §7.1).
  [
    /^\s*<(!doctype html|html|head|body|script|iframe|style|title|h1|div|table|font|img|a|p|b|br)\b|^\s*<!--/i,
    "a web page",
  ],
  [/^\s*(<\?xml|<svg)/i, "an XML or SVG file"],
  [/^(MZ|\x7fELF|[\xce\xcf]\xfa\xed\xfe|\xfe\xed\xfa[\xce\xcf]|\xca\xfe\xba\xbe)/, "a program"],
  [/^#!/, "a script"],
  [/^.{4}(moov|mdat|wide|pnot)/s, "an old QuickTime video without its type"],
];

/**
 * The type according to the first bytes of a file; ignores its name. A file that begins as one type and contains a PDF
 * header further on has the first type.
 */
export function fileTypeOf(file: Buffer): FileType {
  const start = file.toString("latin1", 0, 64);
  if (file.length === 0) return other("an empty file");
  if (start.startsWith("\xff\xd8\xff")) return accepted("image/jpeg");
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return accepted("image/png");
  if (/^RIFF.{4}WEBP/s.test(start)) return accepted("image/webp");
  if (start.slice(4, 8) === "ftyp") return isoMediaTypeOf(file);
  const [, name] = OTHERS.find(([pattern]) => pattern.test(start)) ?? [];
  if (pdfStart(file) === 0) return accepted("application/pdf");
  if (name !== undefined) return other(name);
  return pdfStart(file) > 0 ? accepted("application/pdf") : other("of an unknown type");
}

const MOST_BRANDS = 60;
const BRAND_BYTES = 4;

/** The major brand, then the compatible brands (ISO 14496-12 §4.3). */
function brandsOf(file: Buffer): string[] {
  const end = Math.min(file.readUInt32BE(0), file.length, 16 + MOST_BRANDS * BRAND_BYTES);
  const brands = [file.toString("latin1", 8, 12)];
  for (let at = 16; at + BRAND_BYTES <= end; at += BRAND_BYTES)
    brands.push(file.toString("latin1", at, at + BRAND_BYTES));
  return brands;
}

/** Matches brands of HEVC pictures and of sequences of them (ISO 23008-12 §B.4). */
const HEVC_BRAND = /^(hei|hev)[cxms]$/;
/** Matches general brands of HEIF pictures and sequences, which do not state the codec. */
const HEIF_BRAND = /^(mif[12]|msf1|miaf)$/;
const OTHER_BRANDS: readonly (readonly [brand: RegExp, name: string])[] = [
  [/^avi[fs]$/, "an AVIF picture"],
  [/^crx $/, "a raw picture of Canon (CR3)"],
  [/^(M4[ABP] |F4[AB] )/, "a sound recording"],
  [/^(3g[2egprs]|F4[PV])/, "a 3GP or Flash video"],
];

/**
 * The type of an ISO media file by its brands. A file may list several brands: a HEIC from a phone often lists a
 * general HEIF brand first. If all brands are general, the type follows from the codec of the items, which `openHeic`
 * reads.
 */
function isoMediaTypeOf(file: Buffer): FileType {
  const brands = brandsOf(file);
  const [major = ""] = brands;
  const [, name] = OTHER_BRANDS.find(([pattern]) => pattern.test(major)) ?? [];
  if (name !== undefined) return other(name);
  const isHeif = HEVC_BRAND.test(major) || HEIF_BRAND.test(major);
  if (brands.some((brand) => HEVC_BRAND.test(brand))) return accepted("image/heic");
  if (isHeif && brands.some((brand) => /^avi[fs]$/.test(brand))) return other("an AVIF picture");
  if (isHeif) return accepted("image/heic");
  return accepted(major === "qt  " ? "video/quicktime" : "video/mp4");
}
