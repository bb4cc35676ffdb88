import { readFileSync, readdirSync } from "node:fs";
import { type Socket, connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Attack, type AttackContext, duel, TRIES, useApi } from "./harness/index.ts";

const LARGE_BODIES_MIB = 16;
const api = useApi({
  HTTP_RESPONSE_SECONDS: "3",
  HTTP_REQUEST_SECONDS: "20",
  HTTP_KEEP_ALIVE_SECONDS: "2",
  HTTP_LARGE_BODIES_MIB: String(LARGE_BODIES_MIB),
});
const ADDRESSES = 10;
const PER_ADDRESS = 40;
const MIB = 1024 * 1024;
/** Number of slow readers; more would fill the network buffers of the host, which the member's connection needs too. */
const READERS = 60;

/** Resident memory of the API's process. */
function memoryMib(): number {
  const status = readFileSync(`/proc/${api.pid}/status`, "utf8");
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Opens a connection that reads sixteen bytes each time it is resumed. */
function slowReader(localAddress: string | undefined, signal: AbortSignal): Promise<Socket> {
  const { hostname, port } = new URL(api.url);
  return new Promise((resolve) => {
    const socket = connect({
      host: hostname,
      port: Number(port),
      ...(localAddress === undefined ? {} : { localAddress }),
      onread: { buffer: Buffer.alloc(16), callback: () => false },
    });
    socket.on("error", () => undefined);
    for (const event of ["connect", "close"]) socket.once(event, () => resolve(socket));
    signal.addEventListener("abort", () => socket.destroy());
  });
}

const wait = (context: AttackContext, ms: number) =>
  sleep(ms, undefined, { signal: context.signal }).catch(() => undefined);

/** Requests responses that are larger than the system's network buffers, and reads them byte by byte. */
const readSlowly: Attack = async (context) => {
  const from = context.addresses(ADDRESSES);
  const sockets = await Promise.all(
    Array.from({ length: READERS }, (_, index) => slowReader(from[index % ADDRESSES], context.signal)),
  );
  for (const socket of sockets) socket.write("GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n".repeat(9));
  while (!context.signal.aborted) {
    for (const socket of sockets) socket.resume();
    await wait(context, 200);
    if (!context.signal.aborted) stillOpen = openFiles();
  }
};
/**
 * Number of the server's open files and sockets: a client that does not read to the end cannot see that its connection
 * was closed.
 */
const openFiles = () => readdirSync(`/proc/${api.pid}/fd`).length;
let stillOpen = 0;

/** Sends almost all of 1 MiB on each connection, and then nothing. */
const sendHalf: Attack = async (context) => {
  const from = context.addresses(ADDRESSES);
  const sockets = await Promise.all(
    Array.from({ length: ADDRESSES * PER_ADDRESS }, (_, index) => context.connect(from[index % ADDRESSES])),
  );
  const head = "POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n";
  const body = "a".repeat(MIB - 10_000);
  for (const socket of sockets) {
    socket.once("close", () => {
      if (!context.signal.aborted) refused += 1;
    });
    socket.write(`${head}Content-Length: ${MIB}\r\n\r\n${body}`);
  }
  await wait(context, 60_000);
};
let refused = 0;

test(
  "clients that read responses byte by byte do not slow other members, and their connections are closed",
  TRIES,
  async () => {
    const before = openFiles();
    const result = await duel(api, { attack: readSlowly, member: await api.readers(), leadMs: 6_000 });
    expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);
    expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
    expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
    expect(stillOpen).toBeLessThan(before + READERS / 2);
  },
);

test(
  "400 half-sent bodies of 1 MiB use less than 200 MiB of memory, and do not slow other members",
  TRIES,
  async () => {
    refused = 0;
    await Promise.all((await api.readers()).map(({ path }) => fetch(new URL(path, api.url)))); // loads lazy modules before the memory is measured
    const before = memoryMib();
    const result = await duel(api, { attack: sendHalf, member: await api.readers(), leadMs: 4_000 });
    expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);
    expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
    expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
    expect(refused).toBeGreaterThanOrEqual(ADDRESSES * PER_ADDRESS - LARGE_BODIES_MIB);
    expect(memoryMib() - before).toBeLessThan((ADDRESSES * PER_ADDRESS) / 2);
  },
);

/** Sends bodies of twenty thousand one-byte chunks on ten connections, repeatedly on new ones. */
const sendTinyChunks: Attack = async (context) => {
  const [from] = context.addresses(1);
  const head =
    "POST /v1/auth/login HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";
  const body = `${head}${"1\r\n \r\n".repeat(20_000)}`;
  const lane = async () => {
    while (!context.signal.aborted) {
      const socket = await context.connect(from);
      const closed = new Promise((done) => socket.once("close", done));
      socket.write(body);
      await Promise.race([closed, wait(context, 30_000)]);
      socket.destroy();
      await wait(context, 250);
    }
  };
  await Promise.all(Array.from({ length: 10 }, lane));
};

test("bodies in one-byte chunks on ten connections do not slow other members", TRIES, async () => {
  const result = await duel(api, { attack: sendTinyChunks, member: await api.readers(), leadMs: 500 });
  expect(result.ratio, JSON.stringify(result)).toBeLessThan(3);
  expect(result.liveRatio).toBeLessThan(3);
  expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
  expect([result.ready, result.live]).toEqual([{ 200: result.probes }, { 200: result.probes }]);
});
