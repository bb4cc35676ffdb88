import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Attack, type AttackContext, duel, TRIES, useApi } from "./harness/index.ts";

const api = useApi({ HTTP_CONNECTIONS: "500" });
const PER_ADDRESS = 200;

/** Opens connections, writes `first` on each of them, and then one byte on each twice a second. */
const halfSent =
  (connections: number, addresses: number, first: string, drip = ""): Attack =>
  async (context: AttackContext) => {
    const from = context.addresses(addresses);
    const sockets = await Promise.all(
      Array.from({ length: connections }, (_, index) => context.connect(from[index % addresses])),
    );
    for (const socket of sockets) socket.write(first);
    while (!context.signal.aborted) {
      if (drip !== "") for (const socket of sockets) if (!socket.destroyed) socket.write(drip);
      await sleep(500, undefined, { signal: context.signal }).catch(() => undefined);
      if (!context.signal.aborted) stillOpen = sockets.filter((socket) => !socket.destroyed).length;
    }
  };
/** Number of open connections at the end of the last attack. */
let stillOpen = 0;

const POST = "POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
const ATTACKS: readonly (readonly [name: string, addresses: number, attack: Attack])[] = [
  ["half-sent POSTs", 1, halfSent(400, 1, `${POST}Content-Length: 1000\r\n\r\n{`)],
  ["slow headers", 1, halfSent(400, 1, "GET /v1/me HTTP/1.1\r\nX-Slow: ", "a")],
  ["slow bodies", 1, halfSent(400, 1, `${POST}Content-Length: 1000\r\n\r\n{`, " ")],
  ["idle connections", 1, halfSent(400, 1, "GET /live HTTP/1.1\r\nHost: a\r\n\r\n")],
  ["connections that send nothing", 1, halfSent(400, 1, "")],
  [
    "half-sent POSTs from six addresses, more than the bulkhead has places",
    6,
    halfSent(900, 6, `${POST}Content-Length: 9\r\n\r\n{`),
  ],
];

/** Sends 2,000 requests at once on each of the connections from one address, repeatedly, and never reads a response. */
const pipelined =
  (path: string, connections: number): Attack =>
  async (context: AttackContext) => {
    const [from] = context.addresses(1);
    const requests = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`.repeat(2_000);
    while (!context.signal.aborted) {
      const sockets = await Promise.all(Array.from({ length: connections }, () => context.connect(from)));
      for (const socket of sockets) socket.pause().write(requests);
      await sleep(500, undefined, { signal: context.signal }).catch(() => undefined);
      for (const socket of sockets) socket.destroy();
    }
  };

test.for([
  ["/live", 2],
  ["/metrics", 2],
  ["/live", 100],
] as const)(
  "pipelined requests for %s on %d connections do not slow other members",
  TRIES,
  async ([path, connections]) => {
    const result = await duel(api, {
      attack: pipelined(path, connections),
      member: await api.readers(),
      leadMs: 500,
    });
    expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);
    expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
    expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
  },
);

test.for(ATTACKS)("an attack of %s does not slow other members", TRIES, async ([, addresses, attack]) => {
  const result = await duel(api, {
    attack,
    member: await api.readers(),
    leadMs: 2_000,
  });
  expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);
  expect(result.liveRatio).toBeLessThan(3);
  expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
  expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
  expect(stillOpen).toBeLessThanOrEqual(Math.min(addresses * PER_ADDRESS, 500));
});
