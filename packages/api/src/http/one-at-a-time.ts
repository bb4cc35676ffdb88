import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Upper limit of pipelined requests that wait on one connection. Browsers send none, some clients a few. */
const MAX_WAITING = 8;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Handles one request per connection at a time. Node emits all requests of a packet at once: 68 KB of pipelined requests on one connection are 2,000
 * requests, which blocked all other clients for seconds. A connection with more than {@link MAX_WAITING} waiting requests is closed, and the rest of
 * its packet is not parsed.
 */
export function oneAtATime(handle: Listener): Listener {
  const waiting = new WeakMap<Socket, (() => void)[]>();
  return (request, response) => {
    const { socket } = request;
    const start = () => {
      response.once("close", () => {
        const next = socket.destroyed ? undefined : waiting.get(socket)?.shift();
        if (next) next();
        else waiting.delete(socket);
      });
      handle(request, response);
    };
    if (socket.destroyed) return;
    const queue = waiting.get(socket);
    if (queue === undefined) {
      waiting.set(socket, []);
      // Waits until Node has parsed the whole packet: if a later part of the packet closes the connection, none of its
      // requests is handled.
      process.nextTick(() => {
        if (!socket.destroyed) start();
      });
    } else if (queue.length < MAX_WAITING) queue.push(start);
    else {
      stopParsing(socket);
      socket.destroy();
    }
  };
}

/** Return value that tells Node's parser to stop parsing HTTP on the connection, as after an upgrade. */
const NO_LONGER_HTTP = 2;

/**
 * Stops Node from parsing the rest of a packet after its connection was closed: 64 KB contain 2,000 requests of 22 µs each, so that a hundred
 * connections blocked all other clients for 4 s. The parser is undocumented; without the property `onIncoming` the requests are parsed as before.
 */
function stopParsing(socket: Socket): void {
  const parser: unknown = Reflect.get(socket, "parser");
  if (typeof parser === "object" && parser !== null && "onIncoming" in parser) parser.onIncoming = () => NO_LONGER_HTTP;
}
