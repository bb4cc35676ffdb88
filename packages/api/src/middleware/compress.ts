import { gzipSync } from "node:zlib";
import type { Context, MiddlewareHandler } from "hono";
import { parseAccept } from "hono/utils/accept";
import { COMPRESSIBLE_CONTENT_TYPE_REGEX } from "hono/utils/compress";

/** Compressing this much blocks the event loop for about 2 ms. */
const SYNC_MAX_BYTES = 64 * 1024;

/**
 * Compresses text responses with gzip if the client accepts it. Up to 64 KB, which covers nearly all, synchronously:
 * `CompressionStream`, which `hono/compress` uses, queues for one of libuv's four threads behind the hashing of passwords.
 * Only larger responses use it.
 */
export const compress: MiddlewareHandler = async (c, next) => {
  await next();
  const { headers } = c.res;
  if (!COMPRESSIBLE_CONTENT_TYPE_REGEX.test(headers.get("content-type") ?? "") || headers.has("content-encoding"))
    return;
  headers.append("vary", "accept-encoding");
  if (c.req.method === "HEAD" || !acceptsGzip(c)) return;
  const { body } = c.res;
  if (!body) return;
  const reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>> = body.getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let [bytes, isComplete] = [0, false];
  while (!isComplete && bytes <= SYNC_MAX_BYTES) {
    const { done, value } = await reader.read();
    isComplete = done;
    if (value) {
      chunks.push(value);
      bytes += value.length;
    }
  }
  const plain = isComplete ? Buffer.concat(chunks) : undefined;
  const compressed = plain
    ? new Uint8Array(gzipSync(plain))
    : resumed(chunks, reader).pipeThrough(new CompressionStream("gzip"));
  c.res = new Response(compressed, c.res);
  c.res.headers.delete("content-length");
  c.res.headers.set("content-encoding", "gzip");
};

/** Whether the client accepts gzip, by name or by `*` (RFC 9110 §12.5.3). */
export function acceptsGzip(c: Context): boolean {
  const header = c.req.header("accept-encoding");
  if (header === undefined) return false;
  const accepted = parseAccept(header);
  const weightOf = (coding: string) => accepted.find(({ type }) => type.toLowerCase() === coding)?.q;
  return (weightOf("gzip") ?? weightOf("*") ?? 0) > 0;
}

/** A stream of the chunks already read, followed by the rest. */
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
