import { gzipSync } from "node:zlib";
import type { Context } from "hono";
import { parseAccept } from "hono/utils/accept";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from "hono/utils/compress";
import type { Step } from "./guard.ts";
import { madeOf, replace } from "./plain-headers.ts";

/** Minimum length of a compressed response: compressing a shorter one takes longer than sending it. */
const LEAST_CHARACTERS = 1024;
/** Maximum length that is compressed synchronously, which blocks the event loop for about 2 ms. */
const SYNC_MAX_CHARACTERS = 64 * 1024;

/**
 * Compresses text responses with gzip if the client accepts it. Responses of up to 64 K characters, which are nearly all, are compressed
 * synchronously: `CompressionStream`, which `hono/compress` uses, waits for one of libuv's four threads behind the hashing of passwords. Only larger
 * responses use it.
 */
export const compress: Step = {
  after: (c) => {
    if (c.req.method === "HEAD" || !acceptsGzip(c)) return undefined;
    const made = madeOf(c);
    if (!made?.body || made.body.length < LEAST_CHARACTERS) return undefined;
    const type = made.headers["content-type"];
    if (
      type === undefined ||
      made.headers["content-encoding"] !== undefined ||
      !COMPRESSIBLE_CONTENT_TYPE_REGEX.test(type)
    )
      return undefined;
    const { body } = made;
    const compressed =
      body.length > SYNC_MAX_CHARACTERS
        ? new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"))
        : new Uint8Array(gzipSync(body));
    replace(c, { ...made, headers: { ...made.headers, "content-encoding": "gzip" } }, compressed);
    return undefined;
  },
};

/** Whether the client accepts gzip, by name or by `*` (RFC 9110 §12.5.3). */
export function acceptsGzip(c: Context): boolean {
  const header = c.req.header("accept-encoding");
  if (header === undefined) return false;
  const accepted = parseAccept(header);
  const weightOf = (coding: string) => accepted.find(({ type }) => type.toLowerCase() === coding)?.q;
  return (weightOf("gzip") ?? weightOf("*") ?? 0) > 0;
}
