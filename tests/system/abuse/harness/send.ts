import { request as httpRequest } from "node:http";

/** One request as data, so that it can be sent to another process. */
export interface HttpRequest {
  /** The method; GET by default. */
  readonly method?: string;
  readonly path: string;
  readonly token?: string;
  /** The body: an object is sent as JSON, a string unchanged with the content type of JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

interface Options {
  /** The loopback address from which the request is sent. */
  readonly address?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** Timeout longer than any response may take, so that a slow response is measured instead of cut off. */
const TIMEOUT_MS = 30_000;

/**
 * Sends one request on its own connection.
 * @throws Error with the code of the failure, or with the name AbortError
 */
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

/** The result of a request, for counting: its status, or the code of the failure. */
export async function outcomeOf(answer: Promise<HttpAnswer>): Promise<string> {
  try {
    return String((await answer).status);
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") return "aborted";
    return error instanceof Error && "code" in error ? String(error.code) : "error";
  }
}
