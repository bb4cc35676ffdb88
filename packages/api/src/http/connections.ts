import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Log } from "@gotong/core/platform/log.ts";
import { Network } from "@gotong/core/platform/network.ts";

/** Connections beyond the limit that are reserved for addresses without a connection, such as a health check's. */
const RESERVE = 16;
/** Minimum interval between log lines during an attack, instead of one line per connection. */
const REPORT_EVERY_MS = 10_000;

interface Limits {
  readonly total: number;
  /** Limit per client address; undefined behind a proxy, which is the peer of every connection. */
  readonly perAddress: number | undefined;
}

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** An open connection with its unfinished requests. */
interface Connection {
  readonly socket: Socket;
  readonly address: string;
  readonly exchanges: Set<Exchange>;
}

/**
 * Limits the connections of a server, in total and per client address (IPv6: per /64). At the limit, the connection that has been idle for the
 * longest time is closed: a connection of the same address if that is at its limit, otherwise one of the address with the most connections. If no
 * connection is idle, the new connection is closed.
 */
export function limitConnections(server: Server, { total: limit, perAddress }: Limits): void {
  /** The connections by address, each set in the order of their last activity. */
  const byAddress = new Map<string, Set<Connection>>();
  const bySocket = new WeakMap<Socket, Connection>();
  let total = 0;
  let closed = 0;

  const close = (socket: Socket) => {
    socket.destroy();
    closed += 1;
    if (closed > 1) return;
    setTimeout(() => {
      Log.warn("connections were closed at the limit", { connections: closed });
      closed = 0;
    }, REPORT_EVERY_MS).unref();
  };
  const evict = (connections: ReadonlySet<Connection> | undefined): boolean => {
    for (const { socket, exchanges } of connections ?? []) {
      if (socket.destroyed || [...exchanges].some(isBusy)) continue;
      close(socket);
      return true;
    }
    return false;
  };
  const evictFromLargest = (): boolean => {
    const bySize = [...byAddress.values()].toSorted((a, b) => b.size - a.size);
    return bySize.some((connections) => connections.size > 1 && evict(connections));
  };
  /** @param own the connections of the same address */
  const isAdmitted = (own: ReadonlySet<Connection> | undefined): boolean => {
    const count = own?.size ?? 0;
    if (perAddress !== undefined && count >= perAddress) return evict(own);
    if (total < limit) return true;
    return evictFromLargest() || (count === 0 && total < limit + RESERVE);
  };

  server.on("connection", (socket: Socket) => {
    const [address] = Network.networksOf(socket.remoteAddress ?? "unknown");
    if (!isAdmitted(byAddress.get(address))) return close(socket);
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
    // Node parses the rest of a packet even after its connection was closed, so such requests are ignored.
    if (!connection || request.socket.destroyed) return;
    const exchange = { request, response };
    connection.exchanges.add(exchange);
    response.once("close", () => {
      connection.exchanges.delete(exchange);
      const own = byAddress.get(connection.address);
      if (own?.delete(connection)) own.add(connection); // moves it to the end, as the most recently active connection
    });
  });
}

/** Whether the server is working on the exchange: the request has arrived completely, and the response is not finished. */
const isBusy = ({ request, response }: Exchange) => request.complete && !response.writableEnded;
