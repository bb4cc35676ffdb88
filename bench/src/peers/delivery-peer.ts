import { createServer } from "node:http";

/** What a peer does with its share of a comparison. */
export interface DeliveryPeer {
  /** Puts so many events into its queue. */
  readonly fill: (events: number) => Promise<void>;
  /** Delivers all of them, 64 at once. */
  readonly deliver: (events: number) => Promise<void>;
}

/** Serves a peer: `POST /fill?events=N`, then `POST /deliver?events=N`, which answers when all are delivered. */
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
