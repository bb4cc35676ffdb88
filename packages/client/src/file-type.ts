import type { Operations } from "./operations.ts";

type ContentType = Operations["createUpload"]["input"]["body"]["content_type"];

/** The types that can be evidence, each with the endings of file names that mean it. */
const EXTENSIONS: Readonly<Record<ContentType, readonly string[]>> = {
  "image/jpeg": ["jpg", "jpeg", "jpe", "jfif"],
  "image/png": ["png"],
  "image/webp": ["webp"],
  "image/heic": ["heic", "heif"],
  "application/pdf": ["pdf"],
  "video/mp4": ["mp4", "m4v"],
};
/** Names that some systems give to a type that has another one. */
const ALIASES: Readonly<Record<string, ContentType>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "image/x-png": "image/png",
  "image/heif": "image/heic",
  "application/x-pdf": "application/pdf",
  "video/x-m4v": "video/mp4",
};
/** What browsers say when they do not know the type; Android leaves it empty for many pictures. */
const UNKNOWN = new Set(["", "application/octet-stream"]);

const isContentType = (type: string): type is ContentType => Object.hasOwn(EXTENSIONS, type);

/**
 * The type of a file as the API takes it: what the file says, or, where it says nothing, what its name means.
 * @throws RangeError for a file that cannot be evidence
 */
export function contentTypeOf(file: Blob, fileName: string): ContentType {
  const said = (file.type.split(";")[0] ?? "").trim().toLowerCase();
  const alias = Object.hasOwn(ALIASES, said) ? ALIASES[said] : undefined;
  const known = isContentType(said) ? said : (alias ?? (UNKNOWN.has(said) ? typeOfName(fileName) : undefined));
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
