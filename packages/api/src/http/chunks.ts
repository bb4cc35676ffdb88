import type { IncomingMessage, ServerResponse } from "node:http";
import { malformed, refuseSocket } from "./refusals.ts";

/** Number of chunks that may have any size. A client that writes a body piece by piece sends fewer. */
const FREE = 32;
/** Minimum mean size of the chunks, in bytes, once there are more than {@link FREE}. */
const MEAN_BYTES = 256;

/**
 * Closes a connection whose body arrives in very many tiny chunks. Node handles each chunk separately: a body in chunks of one byte on one connection
 * made all other clients wait for half a second, on ten connections for 17 s. Must be called after the headers were parsed, before the body is.
 */
export function limitChunks(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers["transfer-encoding"] === undefined) return;
  const push = request.push.bind(request);
  let [chunks, bytes, isClosed] = [0, 0, false];
  request.push = (chunk: unknown, encoding) => {
    chunks += 1;
    if (chunk instanceof Uint8Array) bytes += chunk.length;
    if (chunks <= FREE || bytes >= chunks * MEAN_BYTES) return push(chunk, encoding);
    if (isClosed) return false;
    isClosed = true;
    const { socket } = request;
    ignoreBody(socket);
    // Waits until Node has parsed the rest of the packet.
    setImmediate(() => {
      // If the server is still sending another response, the client would read this response as a part of it.
      if (response.socket && !response.headersSent)
        refuseSocket(socket, malformed("The chunks of the body are too small."));
      else socket.destroy();
    });
    return false;
  };
}

/** Index of the callback for parts of a body in Node's HTTP parser. */
const ON_BODY = 3;

/**
 * Makes Node's parser skip the rest of a packet. Node would parse the rest even after its connection was closed: ten
 * thousand chunks, each of which takes 5 µs. The parser skips chunks while it has no callback. The callback is restored
 * later, since the parser will serve other connections. The parser is undocumented: if a different parser is found, the
 * chunks are dropped one by one.
 */
function ignoreBody(socket: object): void {
  const parser: unknown = Reflect.get(socket, "parser");
  if (typeof parser !== "object" || parser === null) return;
  const callback: unknown = Reflect.get(parser, ON_BODY);
  if (typeof callback !== "function" || callback.name !== "parserOnBody") return;
  Reflect.set(parser, ON_BODY, undefined);
  setImmediate(() => Reflect.set(parser, ON_BODY, callback));
}
