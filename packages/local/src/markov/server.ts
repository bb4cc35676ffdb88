import { type IncomingMessage, type Server, type ServerResponse, createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { Ledger, type Received } from "./ledger.ts";
import { Payload } from "./payload.ts";
import { isSame, refusal } from "./verify.ts";

const BODY_LIMIT_BYTES = 1_000_000;

/** A fault that the next `count` requests meet. */
const Fault = v.strictObject({
  count: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** The affected requests: deliveries to the webhook (default), or reads of a reputation. */
  path: v.optional(v.picklist(["webhook", "reputation"]), "webhook"),
  /** The status of the response, which is sent without processing the request. */
  status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(200), v.maxValue(599))),
  retry_after: v.optional(v.string()),
  /** Delay before the response. */
  delay_ms: v.optional(v.pipe(v.number(), v.minValue(0)), 0),
  /** Closes the connection without a response. */
  reset: v.optional(v.boolean(), false),
  /**
   * Whether the request is processed before the connection is closed or `status` is sent, as if the response was
   * lost.
   */
  after_work: v.optional(v.boolean(), false),
});
export type Fault = v.InferInput<typeof Fault>;

interface Options {
  /** 0 for any free port. */
  readonly port: number;
  /** The address to listen on; loopback by default. */
  readonly host?: string;
  /** The valid webhook secrets. */
  readonly secrets: readonly string[];
  /** The bearer token for reads of reputations. */
  readonly token: string;
  /** File that keeps events across restarts; if absent, events are in memory. */
  readonly stateFile?: string;
  /** Called for each accepted event, also for duplicates. */
  readonly onDelivery?: (eventId: string) => void;
}

export interface Markov {
  readonly url: string;
  readonly ledger: Ledger;
  /** Number of attempts by outcome: `accepted`, `duplicate`, or the reason of the rejection. */
  readonly tally: Map<string, number>;
  misbehave(fault: Fault): void;
  stop(): Promise<void>;
}

/** Starts a test double of the reputation engine, with its contract (platform.md §4), over real HTTP. */
export function startMarkov(options: Options): Promise<Markov> {
  const ledger = new Ledger(options.stateFile);
  const tally = new Map<string, number>();
  const faults: v.InferOutput<typeof Fault>[] = [];

  const answer = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) => {
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
  };
  const count = (what: string) => tally.set(what, (tally.get(what) ?? 0) + 1);

  /** Applies the next fault. @returns whether the fault has responded to the request */
  async function applyFault(
    path: "webhook" | "reputation",
    response: ServerResponse,
    work: () => void,
  ): Promise<boolean> {
    const fault = faults.find((candidate) => candidate.path === path);
    if (!fault) return false;
    fault.count -= 1;
    if (fault.count === 0) faults.splice(faults.indexOf(fault), 1);
    count("fault");
    await sleep(fault.delay_ms);
    if (fault.after_work) work();
    if (fault.reset) response.destroy();
    else if (fault.status !== undefined)
      answer(
        response,
        fault.status,
        { error: "injected_fault" },
        fault.retry_after === undefined ? {} : { "retry-after": fault.retry_after },
      );
    else return false;
    return true;
  }

  /** Processes one event. @returns status and body of the response */
  function receive(body: Buffer, request: IncomingMessage): [number, unknown] {
    const refuse = (status: number, error: string): [number, unknown] => {
      count(error);
      return [status, { error }];
    };
    if (body.length > BODY_LIMIT_BYTES) return refuse(413, "too_large");
    const reason = refusal(body, request.headers, options.secrets, new Date());
    if (reason) return refuse(401, reason);
    const text = body.toString("utf8");
    if (!v.safeParse(v.pipe(v.string(), v.parseJson()), text).success) return refuse(400, "malformed_json");
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), Payload), text);
    if (!parsed.success) return refuse(422, "invalid_payload");
    const payload = parsed.output;
    if (request.headers["webhook-id"] !== payload.event_id) return refuse(422, "id_mismatch");
    if (ledger.has(payload.event_id)) {
      options.onDelivery?.(payload.event_id);
      count("duplicate");
      return [200, { status: "duplicate" }];
    }
    if (payload.event_type === "por_evidence" && !ledger.hasContribution(payload.subject.contribution_id))
      return refuse(422, "unknown_contribution");
    ledger.add(receipt(text, request), payload);
    options.onDelivery?.(payload.event_id);
    count("accepted");
    return [200, { status: "accepted" }];
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://markov");
    const body = await readAll(request);
    if (pathname === "/v1/platforms/gotong_royong/webhook" && request.method === "POST") {
      if (await applyFault("webhook", response, () => receive(body, request))) return;
      return answer(response, ...receive(body, request));
    }
    const user = /^\/v1\/users\/gotong_royong:([0-9a-f-]{36})\/reputation$/.exec(pathname)?.[1];
    if (user !== undefined && request.method === "GET") {
      if (await applyFault("reputation", response, () => undefined)) return;
      if (!isSame(request.headers.authorization ?? "", `Bearer ${options.token}`))
        return answer(response, 401, { error: "bad_token" });
      const reputation = ledger.reputation(user);
      return reputation ? answer(response, 200, reputation) : answer(response, 404, { error: "unknown_user" });
    }
    if (pathname === "/v1/platforms/gotong_royong/events" && request.method === "GET") {
      if (!isSame(request.headers.authorization ?? "", `Bearer ${options.token}`))
        return answer(response, 401, { error: "bad_token" });
      const own = ledger.events.filter((event) => event.subject === searchParams.get("subject"));
      return answer(response, 200, {
        data: own.map(({ body: text, sequence }) => ({ event_id: JSON.parse(text).event_id, sequence })),
      });
    }
    if (pathname === "/__double/events") {
      const about = searchParams.get("contribution_id");
      const since = Date.parse(searchParams.get("since") ?? "1970-01-01T00:00:00Z");
      const events = about === null ? ledger.events : ledger.about(about);
      return answer(response, 200, { data: events.filter((event) => Date.parse(event.received_at) >= since) });
    }
    if (pathname === "/__double/stats")
      return answer(response, 200, {
        received: ledger.events.length,
        gaps: ledger.gaps,
        attempts: Object.fromEntries(tally),
      });
    if (pathname === "/__double/faults" && request.method === "POST") {
      const fault = v.safeParse(v.pipe(v.string(), v.parseJson(), Fault), body.toString("utf8"));
      if (!fault.success) return answer(response, 422, { error: v.summarize(fault.issues) });
      faults.push(fault.output);
      return answer(response, 201, fault.output);
    }
    if (pathname === "/__double/faults" && request.method === "DELETE") {
      faults.length = 0;
      return answer(response, 200, {});
    }
    answer(response, 404, { error: "not_found" });
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  return new Promise((resolve, reject) => {
    server.on("error", reject);
    server.listen(options.port, options.host ?? "127.0.0.1", () =>
      resolve({
        url: urlOf(server),
        ledger,
        tally,
        misbehave: (fault) => faults.push(v.parse(Fault, fault)),
        stop: () => stop(server),
      }),
    );
  });
}

function receipt(body: string, request: IncomingMessage): Received {
  const header = (name: string) => String(request.headers[name] ?? "");
  return {
    received_at: new Date().toISOString(),
    attempted_at: Number(header("webhook-timestamp")),
    request_id: header("x-request-id"),
    subject: header("x-gr-subject"),
    sequence: /^\d{1,9}$/.test(header("x-gr-sequence")) ? Number(header("x-gr-sequence")) : 0,
    body,
  };
}

/**
 * Reads the whole body, so that the sender receives the response, but keeps only the bytes that are needed to detect
 * a body that is too large.
 */
async function readAll(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (length <= BODY_LIMIT_BYTES) chunks.push(Buffer.from(chunk));
    length += chunk.length;
  }
  return Buffer.concat(chunks);
}

function urlOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}
