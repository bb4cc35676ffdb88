import { request as httpRequest } from "node:http";

/** One request as data, so that it can be handed to another process. */
export interface HttpRequest {
  /** GET unless given. */
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  /** An object goes as JSON, a text as it is with the type of JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Options {
  /** The loopback address from which it is sent. */
  readonly address?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Longer than any answer may take, so that a slow one is measured and not cut off. */
const TIMEOUT_MS = 30_000;

/** Sends one request on a connection of its own. @throws Error with the code of the failure, or of name AbortError */
export function send(url: string, { method, path, token, body, headers }: HttpRequest, options: Options = {}) {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  return new Promise<HttpAnswer>((resolve, reject) => {
    const request = httpRequest(new URL(path, url), {
      method: method ?? "GET",
      agent: false,
      ...(options.address === undefined ? {} : { localAddress: options.address }),
      ...(options.signal === undefined ? {} : { signal: options.signal }),
      headers: {
        ...(text === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...headers,
      },
    });
    const timer = setTimeout(
      () => request.destroy(Object.assign(new Error("no answer"), { code: "TIMEOUT" })),
      options.timeoutMs ?? TIMEOUT_MS,
    );
    request.once("close", () => clearTimeout(timer));
    request.once("error", reject);
    request.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        }),
      );
    });
    request.end(text);
  });
}

/** Result of a request for counting: its status, or the code of the failure. */
export async function outcomeOf(answer: Promise<HttpAnswer>): Promise<string> {
  try {
    return String((await answer).status);
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return "aborted";
    return error instanceof Error && "code" in error ? String(error.code) : "error";
  }
}
