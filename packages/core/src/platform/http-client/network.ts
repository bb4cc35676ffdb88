import type { OutgoingHttpHeaders } from "node:http";
import { urlToHttpOptions } from "node:url";

// An import of node:http reads every export, also `WebSocket`, for which Node loads undici: 65 ms of CPU time of a cold
// start instead of 6.
const { Agent: HttpAgent, request: httpRequest } = process.getBuiltinModule("node:http");
const { Agent: HttpsAgent, request: httpsRequest } = process.getBuiltinModule("node:https");

const TIMEOUT_MS = 10_000;
const RESPONSE_LIMIT_BYTES = 64 * 1024;

/**
 * Upper limit of connections. Higher than the number of concurrent calls of a process, so that no call waits for a
 * connection, which would count towards its time limit.
 */
const CONNECTIONS = 100;
const agents = {
  "http:": new HttpAgent({ keepAlive: true, maxSockets: CONNECTIONS }),
  "https:": new HttpsAgent({ keepAlive: true, maxSockets: CONNECTIONS, minVersion: "TLSv1.2" }),
};

/** A request over the network, with its own limits. */
export interface NetworkRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<OutgoingHttpHeaders>;
  readonly body?: string | Uint8Array;
  /** Limit of the whole call, by default 10 s. */
  readonly timeoutMs?: number;
  /** Upper limit of the response body, by default 64 KiB. */
  readonly responseLimitBytes?: number;
  readonly signal?: AbortSignal;
}

export interface NetworkResponse {
  readonly status: number;
  readonly retryAfter: string | null;
  readonly body: string;
}

const addresses = new WeakMap<URL, ReturnType<typeof urlToHttpOptions>>();

/**
 * The URL in the form that Node's `request` needs. Kept for each URL object, since a process sends many requests to few
 * URLs, and Node would convert the URL for each of them.
 */
function addressOf(url: URL): ReturnType<typeof urlToHttpOptions> {
  const known = addresses.get(url) ?? urlToHttpOptions(url);
  addresses.set(url, known);
  return known;
}

/**
 * Sends a request with keep-alive and TLS ≥ 1.2, follows no redirects, and limits the time of the whole call and the size of the response.
 * @returns the response, with its body cut at the limit
 * @throws Error whose message is a short code (`timeout`, `ECONNREFUSED`, …) when there is no response
 */
export function sendOverNetwork(sending: NetworkRequest): Promise<NetworkResponse> {
  return new Promise((resolve, reject) => {
    const limitBytes = sending.responseLimitBytes ?? RESPONSE_LIMIT_BYTES;
    const isTls = sending.url.protocol === "https:";
    const options = {
      ...addressOf(sending.url),
      method: sending.method,
      headers: sending.headers,
      agent: isTls ? agents["https:"] : agents["http:"],
      ...(sending.signal ? { signal: sending.signal } : {}),
    };
    const request = (isTls ? httpsRequest : httpRequest)(options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = () => {
        clearTimeout(timer);
        const body = Buffer.concat(chunks).subarray(0, limitBytes).toString("utf8");
        resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] ?? null, body });
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > limitBytes) {
          finish();
          request.destroy();
        }
      });
      response.on("end", finish);
      response.on("error", (error) => fail(error));
    });
    const fail = (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(new Error(error.code ?? error.message, { cause: error }));
    };
    const timer = setTimeout(() => request.destroy(new Error("timeout")), sending.timeoutMs ?? TIMEOUT_MS);
    request.on("error", fail);
    request.end(sending.body);
  });
}
