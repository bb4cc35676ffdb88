import { createHash } from "node:crypto";

/** No step of the demo takes this long; a server that never answers must not hold it for ever. */
const TIMEOUT_MS = 10_000;

/** One answer of the API, read. */
export interface Reply {
  readonly status: number;
  /** The JSON of the answer; an empty object when it has no body. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Talks to the API as any client would: JSON over HTTP, nothing of the platform's code. */
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

  /** The same API as somebody else. */
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

/** @throws Error that names the request, when there is no answer in time */
async function call(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (cause) {
    // The query of a presigned URL is a key to it: it stays out of the message.
    throw new Error(`${String(init.method)} ${url.split("?")[0]} got no answer: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** A text that is no JSON, such as a proxy's error page, is kept to be shown. */
function readJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return text === "" ? {} : toRecord(JSON.parse(text));
  } catch {
    return { not_json: text.slice(0, 200) };
  }
}

/** An object of an answer as a record; anything else as an empty one, in which every expected field is then missing. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

/** Sends bytes to a presigned URL, with the headers that the API said. @returns status and the beginning of the answer */
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
