import { Characters } from "../characters.ts";
import { assertNoConnectionInUse } from "../db/scope.ts";
import { onReset } from "../reset.ts";
import { sendOverNetwork } from "./network.ts";

const HEAD_CHARACTERS = 1_000;

export interface HttpResponse {
  readonly status: number;
  readonly retryAfter: string | null;
  /** The first 1,000 characters of the response body, for operators. */
  readonly head: string;
}

export interface HttpRequest {
  readonly method: "GET" | "POST";
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly timeoutMs?: number;
}

/**
 * The only HTTP client for calls to Markov and push services. Uses keep-alive and TLS ≥ 1.2, follows no redirects, limits the whole call to
 * 10 s, and reads at most 64 KiB of the response body.
 * @returns the response, with its body cut at the limit
 * @throws Error whose message is a short code (`timeout`, `ECONNREFUSED`, …) when there is no response
 */
export async function send(sending: HttpRequest): Promise<HttpResponse & { readonly body: string }> {
  assertNoConnectionInUse("http");
  return (replacement ?? overNetwork)(sending);
}

async function overNetwork(sending: HttpRequest): Promise<HttpResponse & { readonly body: string }> {
  const response = await sendOverNetwork(sending);
  return { ...response, head: Characters.cut(response.body, HEAD_CHARACTERS) };
}

type Send = (sending: HttpRequest) => Promise<HttpResponse & { readonly body: string }>;
let replacement: Send | undefined;

/** Replaces the network (simulation); undefined restores it. */
export function use(other: Send | undefined): void {
  replacement = other;
}
onReset(() => use(undefined));

export * as Http from "./client.ts";
