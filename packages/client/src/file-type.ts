import type { Operations } from "./operations.ts";

type ContentType = Operations["createUpload"]["input"]["body"]["content_type"];

/** The content types of evidence, each with its file name extensions. */
const EXTENSIONS: Readonly<Record<ContentType, readonly string[]>> = {
  "image/jpeg": ["jpg", "jpeg", "jpe", "jfif"],
  "image/png": ["png"],
  "image/webp": ["webp"],
  "image/heic": ["heic", "heif"],
  "application/pdf": ["pdf"],
  "video/mp4": ["mp4", "m4v"],
  "video/quicktime": ["mov", "qt"],
};
/** Alternative names of the content types. */
const ALIASES: Readonly<Record<string, ContentType>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
  "image/heif": "image/heic",
  "image/heic-sequence": "image/heic",
  "image/heif-sequence": "image/heic",
  "application/x-pdf": "application/pdf",
  "video/x-m4v": "video/mp4",
};
/** Types that browsers report for files of unknown type; on Android, many pictures have an empty type. */
const UNKNOWN = new Set(["", "application/octet-stream"]);

const isContentType = (type: string): type is ContentType => Object.hasOwn(EXTENSIONS, type);

/**
 * The content type of a file for the API: the file's own type, or if that is unknown, the type of its name.
 * @throws RangeError for a file that cannot be evidence
 */
export function contentTypeOf(file: Blob, fileName: string): ContentType {
  const declared = (file.type.split(";")[0] ?? "").trim().toLowerCase();
  const alias = Object.hasOwn(ALIASES, declared) ? ALIASES[declared] : undefined;
  const known = isContentType(declared)
    ? declared
    : (alias ?? (UNKNOWN.has(declared) ? typeOfName(fileName) : undefined));
  if (known === undefined) {
    const types = Object.keys(EXTENSIONS).join(", ");
    throw new RangeError(`A file of type "${file.type}" named "${fileName}" cannot be evidence; use ${types}.`);
  }
  return known;
}

function typeOfName(fileName: string): ContentType | undefined {
  const extension = fileName.slice(fileName.lastIndexOf(".") + 1).toLowerCase();
  return Object.keys(EXTENSIONS)
    .filter((type) => isContentType(type))
    .find((type) => EXTENSIONS[type].includes(extension));
}
