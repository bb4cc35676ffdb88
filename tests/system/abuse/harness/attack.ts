import { type Socket, connect as connectTo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type HttpAnswer, type HttpRequest, outcomeOf, send } from "./send.ts";

export interface AttackContext {
  readonly url: string;
  /** Aborts at the end of the round, when the attack must stop. */
  readonly signal: AbortSignal;
  /** Number of the round, from 0. */
  readonly round: number;
  /** Returns `count` loopback addresses that were not used yet. */
  addresses(count: number): string[];
  /**
   * Sends one request and counts its result.
   * @returns undefined if it failed or was aborted
   */
  send(request: HttpRequest, address?: string): Promise<HttpAnswer | undefined>;
  /** Opens a TCP connection, which is closed at the end of the round. Counts its errors by their code. */
  connect(address?: string): Promise<Socket>;
}

export type Attack = (context: AttackContext) => Promise<void>;

let used = 0;

/** Returns loopback addresses that this process has not used yet, from 127.1.0.1 upwards. */
export function freshAddresses(count: number): string[] {
  return Array.from({ length: count }, () => {
    used += 1;
    return `127.${1 + Math.floor(used / 64_516)}.${Math.floor(used / 254) % 254}.${1 + (used % 254)}`;
  });
}

export function contextOf(
  url: string,
  round: number,
  signal: AbortSignal,
  counts: Record<string, number>,
): AttackContext & { close(): void } {
  const sockets = new Set<Socket>();
  const count = (outcome: string) => void (counts[outcome] = (counts[outcome] ?? 0) + 1);
  return {
    url,
    round,
    signal,
    addresses: freshAddresses,
    send: async (request, address) => {
      const answer = send(url, request, { signal, ...(address === undefined ? {} : { address }) });
      count(await outcomeOf(answer));
      return answer.catch(() => undefined);
    },
    connect: (address) =>
      new Promise((resolve) => {
        const { hostname, port } = new URL(url);
        const socket = connectTo({ host: hostname, port: Number(port), ...(address ? { localAddress: address } : {}) });
        sockets.add(socket);
        socket.resume(); // without reading, the client would not notice that the server closes the connection
        socket.on("error", (error) => count("code" in error ? String(error.code) : "error"));
        socket.once("close", () => {
          sockets.delete(socket);
          resolve(socket);
        });
        socket.once("connect", () => resolve(socket));
      }),
    close: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

interface Flood {
  /** Number of addresses that share the requests. */
  readonly addresses: number;
  /** Maximum number of requests in one round, over all addresses. */
  readonly total: number;
  /** Number of requests in flight at any time. */
  readonly inFlight: number;
  /** Builds request number `n`. Numbers start at 0 and do not repeat, also not in a later round. */
  readonly request: (n: number) => HttpRequest;
}

/** Builds an attack of many concurrent requests, from new addresses in each round. */
export function flood({ addresses, total, inFlight, request }: Flood): Attack {
  let n = 0;
  return async (context) => {
    const from = context.addresses(addresses);
    let left = total;
    const lane = async (index: number) => {
      while (left > 0 && !context.signal.aborted) {
        left -= 1;
        n += 1;
        await context.send(request(n - 1), from[index % addresses]);
      }
    };
    await Promise.all(Array.from({ length: Math.min(inFlight, total) }, (_, index) => lane(index)));
  };
}

interface Waves {
  /** Number of addresses that share the requests of a wave. */
  readonly addresses: number;
  /** Number of requests that are sent at once. */
  readonly size: number;
  /** Number of waves in one round. */
  readonly waves: number;
  /** Builds request number `n`. Numbers start at 0 and do not repeat, also not in a later round. */
  readonly request: (n: number) => HttpRequest;
}

/**
 * Builds an attack of waves: sends `size` requests at once, and the next wave half a second after all responses have
 * arrived.
 */
export function waves({ addresses, size, waves: times, request }: Waves): Attack {
  let n = 0;
  return async (context) => {
    const from = context.addresses(addresses);
    for (let wave = 0; wave < times && !context.signal.aborted; wave += 1) {
      const numbers = Array.from({ length: size }, () => n++);
      await Promise.all(numbers.map((number) => context.send(request(number), from[number % addresses])));
      await sleep(500, undefined, { signal: context.signal }).catch(() => undefined);
    }
  };
}
