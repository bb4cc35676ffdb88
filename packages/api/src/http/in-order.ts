import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Requests that may wait on one connection for the answer to the one before. Browsers send none; some clients a few. */
const MOST_WAITING = 8;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Handles one request of a connection at a time. Node hands over all requests that arrive in one packet at once: 68 KB of pipelined
 * requests on a single connection are 2,000, and kept everybody else waiting for seconds. A connection on which more wait than
 * {@link MOST_WAITING} is closed.
 */
export function inOrder(handle: Listener): Listener {
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
      start();
    } else if (queue.length < MOST_WAITING) queue.push(start);
    else socket.destroy();
  };
}
