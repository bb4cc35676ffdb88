import { type RequestListener, type ServerResponse, createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Server, Socket } from "node:net";

/** Behaviour of a receiver after it has read a request. */
export type Behaviour = (response: ServerResponse) => void;

export interface Receiver {
  readonly url: string;
  /** Requests received so far, by method and path. */
  readonly requests: string[];
  /** Number of bytes written to each connection so far, in the order in which the connections were opened. */
  written(): number[];
  stop(): Promise<void>;
}

/** A webhook receiver on loopback with configurable behaviour, over TLS when given a certificate. */
export function startReceiver(behaviour: Behaviour, tls?: { cert: string; key: string }): Promise<Receiver> {
  const requests: string[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    request.resume().on("end", () => behaviour(response));
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  const sockets = new Array<Socket>();
  server.on("connection", (socket: Socket) => void sockets.push(socket));
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(0, "127.0.0.1", () =>
      resolve({
        url: `${tls ? "https" : "http"}://127.0.0.1:${portOf(server)}`,
        requests,
        written: () => sockets.map((socket) => socket.bytesWritten),
        stop: async () => {
          server.closeAllConnections();
          await new Promise((closed) => server.close(closed));
        },
      }),
    );
  });
}

/** Writes one byte at a time and never finishes. */
export function drip(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/plain" });
  const dripping = setInterval(() => response.write("."), 20);
  response.on("close", () => clearInterval(dripping));
}

/** Writes without end, as fast as the client reads. */
export function flood(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "text/plain" });
  const chunk = Buffer.alloc(16 * 1024, "x");
  const write = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", write);
  write();
}

export const answer =
  (status: number, headers: Record<string, string> = {}, body = ""): Behaviour =>
  (response) =>
    void response.writeHead(status, headers).end(body);

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address ? address.port : 0;
}
