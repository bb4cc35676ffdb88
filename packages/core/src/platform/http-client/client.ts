import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Characters } from "../characters.ts";
import { assertNoConnectionInUse } from "../db/scope.ts";
import { onReset } from "../reset.ts";

const TIMEOUT_MS = 10_000;
const RESPONSE_LIMIT_BYTES = 64 * 1024;
const HEAD_CHARACTERS = 1_000;

export interface HttpResponse {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The beginning of the body for operators, up to 1,000 characters. */
  readonly head: string;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly timeoutMs?: number;
}

/** Upper limit of connections: more than a process makes calls at once, since waiting for a connection counts towards the time limit. */
const CONNECTIONS = 100;
const agents = {
  "http:": new HttpAgent({ keepAlive: true, maxSockets: CONNECTIONS }),
  "https:": new HttpsAgent({ keepAlive: true, maxSockets: CONNECTIONS, minVersion: "TLSv1.2" }),
};

/**
 * The only HTTP client for calls to Markov and push services. Uses keep-alive and TLS ≥ 1.2, follows no redirects, limits the whole call to
 * 10 s, and reads at most 64 KiB of the response body.
 * @returns the response, with its body cut at the limit
 * @throws Error whose message is a short code (`timeout`, `ECONNREFUSED`, …) when there is no response
 */
export async function send(sending: HttpRequest): Promise<HttpResponse & { readonly body: string }> {
  assertNoConnectionInUse("http");
  return (replacement ?? sendOverNetwork)(sending);
}

type Send = typeof sendOverNetwork;
let replacement: Send | undefined;

/** Replaces the network (simulation); undefined restores it. */
export function use(other: Send | undefined): void {
  replacement = other;
}
onReset(() => use(undefined));

function sendOverNetwork(sending: HttpRequest): Promise<HttpResponse & { readonly body: string }> {
  return new Promise((resolve, reject) => {
    const isTls = sending.url.protocol === "https:";
    const options = {
      method: sending.method,
      headers: sending.headers,
      agent: isTls ? agents["https:"] : agents["http:"],
    };
    const request = (isTls ? httpsRequest : httpRequest)(sending.url, options, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const finish = () => {
        clearTimeout(timer);
        const body = Buffer.concat(chunks).subarray(0, RESPONSE_LIMIT_BYTES).toString("utf8");
        const header = response.headers["retry-after"];
        resolve({
          status: response.statusCode ?? 0,
          retryAfter: header ?? null,
          head: Characters.cut(body, HEAD_CHARACTERS),
          body,
        });
      };
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        length += chunk.length;
        if (length > RESPONSE_LIMIT_BYTES) {
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

export * as Http from "./client.ts";
