/** Characters that end a header or a path, or reorder the text after them. Names stored by older versions may contain them. */
const UNSAFE = /[\p{Cc}\u2028\u2029\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069/\\]/gu;
/** Characters that `encodeURIComponent` keeps although RFC 8187 §3.2.1 does not allow them. */
const NOT_ALLOWED = /['()*]/g;

/**
 * The value of `Content-Disposition` for a download (RFC 6266 §4.3). `filename*` keeps the letters of every script; `filename`, for programs
 * that do not support it, has only ASCII letters, digits, `.`, `_` and `-`.
 */
export function asAttachment(fileName: string): string {
  const plain = fileName.replaceAll(/[^\w.-]/gu, "_");
  if (plain === fileName) return `attachment; filename="${plain}"`;
  const encoded = encodeURIComponent(fileName.toWellFormed().replaceAll(UNSAFE, "_")).replaceAll(
    NOT_ALLOWED,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
