import { type Socket, createServer, connect } from "node:net";
import type { AddressInfo } from "node:net";

/** Traffic between a program and PostgreSQL. */
interface Traffic {
  /** Number of times that the program sent something after a response; pipelined statements count once. */
  readonly roundTrips: number;
  readonly statements: number;
  /** Number of bytes in both directions. */
  readonly bytes: number;
}

/** A proxy in front of PostgreSQL that counts the traffic. */
export interface Wire {
  /** The database's URL through the proxy. */
  readonly url: string;
  /** Returns the traffic since the last call. */
  take(): Traffic;
  close(): Promise<void>;
}

const NOTHING: Traffic = { roundTrips: 0, statements: 0, bytes: 0 };

/**
 * Starts the proxy.
 * @param databaseUrl of a server on loopback, without TLS: encrypted statements could not be counted
 */
export async function startWire(databaseUrl: string): Promise<Wire> {
  const target = new URL(databaseUrl);
  let traffic = NOTHING;
  let isAnswered = true;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname);
    const countStatements = statementCounter();
    client.on("data", (chunk) => {
      const roundTrips = traffic.roundTrips + (isAnswered ? 1 : 0);
      isAnswered = false;
      traffic = {
        roundTrips,
        statements: traffic.statements + countStatements(chunk),
        bytes: traffic.bytes + chunk.length,
      };
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      isAnswered = true;
      traffic = { ...traffic, bytes: traffic.bytes + chunk.length };
      client.write(chunk);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(one);
      one.setNoDelay(true);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve(portOf(server.address())));
  });
  const url = new URL(databaseUrl);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return {
    url: url.href,
    take: () => {
      const taken = traffic;
      traffic = NOTHING;
      return taken;
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const portOf = (address: AddressInfo | string | null): number =>
  typeof address === "object" && address !== null ? address.port : 0;

/** Message types Execute and Query (https://www.postgresql.org/docs/current/protocol-message-formats.html). */
const STATEMENT: ReadonlySet<string> = new Set(["E", "Q"]);
const HEADER_BYTES = 5;

/** Builds a counter of the statements in one direction of a connection, whose messages may be split at any byte. */
function statementCounter(): (chunk: Buffer) => number {
  let rest: Buffer = Buffer.alloc(0);
  let isStarted = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    let count = 0;
    if (!isStarted && rest.length >= 4 && rest.length >= rest.readInt32BE(0)) {
      rest = rest.subarray(rest.readInt32BE(0)); // the startup message has no type
      isStarted = true;
    }
    if (!isStarted) return count;
    while (rest.length >= HEADER_BYTES && rest.length > rest.readInt32BE(1)) {
      if (STATEMENT.has(String.fromCharCode(rest.readUInt8(0)))) count += 1;
      rest = rest.subarray(1 + rest.readInt32BE(1));
    }
    return count;
  };
}
