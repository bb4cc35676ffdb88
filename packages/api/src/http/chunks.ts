import type { IncomingMessage, ServerResponse } from "node:http";
import { malformed, refuseSocket } from "./refusals.ts";

/** Chunks of any size. A client that writes a body piece by piece sends a few. */
const FREE = 32;
/** The mean size of more chunks than that, in bytes. */
const MEAN_BYTES = 256;

/**
 * Closes a connection whose body arrives in very many tiny chunks. Node handles each chunk by itself: a body in chunks of one byte on one connection
 * made all other clients wait for half a second, on ten connections for 17 s. Must be called when the headers were parsed, before the body is.
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
    // After the packet was parsed.
    setImmediate(() => {
      // Another response on this connection would be mistaken for the end of an unfinished one.
      if (response.socket && !response.headersSent)
        refuseSocket(socket, malformed("The chunks of the body are too small."));
      else socket.destroy();
    });
    return false;
  };
}

/** Where Node's parser has its callback for a piece of a body. */
const ON_BODY = 3;

/**
 * Node parses the rest of a packet even after its connection was closed: ten thousand chunks of 5 µs. Without the callback the parser skips
 * them. It gets the callback back, since the parser will serve other connections. The parser is not documented: if it is another one, the
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
