import { createServer } from "node:http";

/** The two actions of a peer in a comparison of deliveries. */
export interface DeliveryPeer {
  /** Puts the given number of events into the peer's queue. */
  readonly fill: (events: number) => Promise<void>;
  /** Delivers all events of the queue, 64 at once. */
  readonly deliver: (events: number) => Promise<void>;
}

/** Serves a peer: `POST /fill?events=N`, then `POST /deliver?events=N`, which responds when all events are delivered. */
export function serve({ fill, deliver }: DeliveryPeer): void {
  createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://peer");
    const events = Number(url.searchParams.get("events"));
    const work = url.pathname === "/fill" ? fill(events) : url.pathname === "/deliver" ? deliver(events) : undefined;
    Promise.resolve(work).then(
      () => response.end("{}"),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  }).listen(Number(process.env["PORT"]), "127.0.0.1");
}
