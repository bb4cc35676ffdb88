import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Log } from "@gotong/core/platform/log.ts";
import { Network } from "@gotong/core/platform/network.ts";

/** Places beyond the limit for addresses that have no connection yet, such as that of a probe. */
const RESERVE = 16;
/** An attack makes one line of the log in this time, not one for each connection. */
const REPORT_EVERY_MS = 10_000;

interface Limits {
  readonly inAll: number;
  /** Undefined behind a proxy, which is the peer of all connections. */
  readonly perAddress: number | undefined;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** What is known of one connection: the requests on it that are not answered to the end. */
interface Connection {
  readonly socket: Socket;
  readonly address: string;
  readonly exchanges: Set<Exchange>;
}

/**
 * Limits the connections of a server, in all and of one address (IPv6: of its /64). Where there is no place, the connection that
 * has done nothing for the longest gives way: of the new one's own address when that has its share, else of the address that has
 * the most. Only when all are at work the new one is closed.
 */
export function limitConnections(server: Server, { inAll, perAddress }: Limits): void {
  /** By address, each in the order in which they were last at work. */
  const byAddress = new Map<string, Set<Connection>>();
  const bySocket = new WeakMap<Socket, Connection>();
  let total = 0;
  let closed = 0;

  const close = (socket: Socket) => {
    socket.destroy();
    closed += 1;
    if (closed > 1) return;
    setTimeout(() => {
      Log.warn("connections were closed to make place", { connections: closed });
      closed = 0;
    }, REPORT_EVERY_MS).unref();
  };
  const evict = (connections: ReadonlySet<Connection> | undefined): boolean => {
    for (const { socket, exchanges } of connections ?? []) {
      if (socket.destroyed || [...exchanges].some(isAtWork)) continue;
      close(socket);
      return true;
    }
    return false;
  };
  const evictOfGreediest = (): boolean => {
    const greedy = [...byAddress.values()].toSorted((a, b) => b.size - a.size);
    return greedy.some((connections) => connections.size > 1 && evict(connections));
  };
  /** @param own how many the address has already */
  const hasPlace = (own: ReadonlySet<Connection> | undefined): boolean => {
    const count = own?.size ?? 0;
    if (perAddress !== undefined && count >= perAddress) return evict(own);
    if (total < inAll) return true;
    return evictOfGreediest() || (count === 0 && total < inAll + RESERVE);
  };

  server.on("connection", (socket: Socket) => {
    const [address] = Network.networksOf(socket.remoteAddress ?? "unknown");
    if (!hasPlace(byAddress.get(address))) return close(socket);
    const connection = { socket, address, exchanges: new Set<Exchange>() };
    const own = byAddress.get(address) ?? new Set();
    byAddress.set(address, own.add(connection));
    bySocket.set(socket, connection);
    total += 1;
    socket.once("close", () => {
      total -= 1;
      own.delete(connection);
      if (own.size === 0 && byAddress.get(address) === own) byAddress.delete(address);
    });
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const connection = bySocket.get(request.socket);
    // Node parses what is left of a packet although its connection was closed.
    if (!connection || request.socket.destroyed) return;
    const exchange = { request, response };
    connection.exchanges.add(exchange);
    response.once("close", () => {
      connection.exchanges.delete(exchange);
      const own = byAddress.get(connection.address);
      if (own?.delete(connection)) own.add(connection); // the last that was at work
    });
  });
}

/** A request that has not arrived whole waits for its client, and so does an answer that is ready. */
const isAtWork = ({ request, response }: Exchange) => request.complete && !response.writableEnded;
