import { gzipSync } from "node:zlib";
import type { Context, MiddlewareHandler } from "hono";
import { parseAccept } from "hono/utils/accept";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from "hono/utils/compress";

/** Packing this much takes the event loop about 2 ms. */
const AT_ONCE_BYTES = 64 * 1024;

/**
 * Packs answers of text for those who take gzip. Those up to 64 KB, which nearly all are, are packed at once: `CompressionStream`, as
 * `hono/compress` uses it, queues for one of libuv's four threads behind the hashing of passwords. Only large ones go that way.
 */
export const compressed: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers, body } = c.res;
  if (!COMPRESSIBLE_CONTENT_TYPE_REGEX.test(headers.get("content-type") ?? "") || headers.has("content-encoding"))
    return;
  c.header("vary", "accept-encoding", { append: true });
  if (!body || c.req.method === "HEAD" || !takesGzip(c)) return;
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, isWhole] = [0, false];
  while (!isWhole && bytes <= AT_ONCE_BYTES) {
    const { done, value } = await reader.read();
    isWhole = done;
    if (value) {
      chunks.push(value);
      bytes += value.length;
    }
  }
  const plain = isWhole ? Buffer.concat(chunks) : undefined;
  const packed = plain
    ? new Uint8Array(gzipSync(plain))
    : resumed(chunks, reader).pipeThrough(new CompressionStream("gzip"));
  c.res = new Response(packed, c.res);
  c.res.headers.delete("content-length");
  c.res.headers.set("content-encoding", "gzip");
};

/** Whether the caller takes gzip, by name or by `*` (RFC 9110 §12.5.3). */
function takesGzip(c: Context): boolean {
  const accepted = parseAccept(c.req.header("accept-encoding") ?? "");
  const weightOf = (coding: string) => accepted.find(({ type }) => type.toLowerCase() === coding)?.q;
  return (weightOf("gzip") ?? weightOf("*") ?? 0) > 0;
}

/** What was read already, and then the rest. */
function resumed(
  chunks: readonly Uint8Array<ArrayBuffer>[],
  reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start: (controller) => {
      for (const chunk of chunks) controller.enqueue(chunk);
    },
    pull: async (controller) => {
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
