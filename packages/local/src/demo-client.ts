import { createHash } from "node:crypto";

/**
 * Timeout of a request. It is longer than any step of the demo; a server that does not respond must not block the
 * demo forever.
 */
const TIMEOUT_MS = 10_000;

/** A response of the API with its decoded body. */
export interface Reply {
  readonly status: number;
  /** The JSON body; an empty object if the response has no body. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Calls the API over HTTP with JSON, like any client, and shares no code with the platform. */
export class DemoClient {
  readonly #base: string;
  readonly #token: string | undefined;

  constructor(base: string, token?: string) {
    this.#base = base;
    this.#token = token;
  }

  get(path: string): Promise<Reply> {
    return this.#send("GET", path);
  }

  post(path: string, body?: unknown): Promise<Reply> {
    return this.#send("POST", path, body);
  }

  /** Returns a client with another member's token. */
  as(token: string): DemoClient {
    return new DemoClient(this.#base, token);
  }

  async #send(method: string, path: string, body?: unknown): Promise<Reply> {
    const response = await call(`${this.#base}${path}`, {
      method,
      headers: {
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, json: readJson(text) };
  }
}

/** Sends a request. @throws Error with the request, if there is no response before the timeout */
async function call(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    // The query of a presigned URL is a credential and must not appear in messages.
    throw new Error(`${String(init.method)} ${url.split("?")[0]} got no response: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** Parses JSON. A string that is not JSON, such as the error page of a proxy, is kept for display. */
function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return text === "" ? {} : toRecord(JSON.parse(text));
  } catch {
    return { not_json: text.slice(0, 200) };
  }
}

/** Converts an object to a record; any other value to an empty record. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** Uploads bytes to a presigned URL with the given headers. @returns status and beginning of the response */
export async function putBytes(
  ticket: Readonly<Record<string, unknown>>,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<{ status: number; text: string }> {
  const headers = Object.entries(toRecord(ticket["headers"])).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const response = await call(String(ticket["url"]), { method: String(ticket["method"]), headers, body: bytes });
  return { status: response.status, text: (await response.text()).slice(0, 200) };
}

export const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
