import type { Operations } from "./operations.ts";
import { OPERATIONS } from "./paths.ts";
import type { OwnUser, Tokens } from "./schemas.ts";
import { ProblemError, problemOf } from "./problem.ts";
import { DEFAULT_RETRY, type RetryPolicy, retrying } from "./retry.ts";

export type OperationId = keyof Operations;
type Input<Id extends OperationId> = Operations[Id]["input"];
/** Left out where nothing in it is needed. */
type Arguments<Id extends OperationId> =
  Record<string, never> extends Input<Id>
    ? [input?: Input<Id>, options?: CallOptions]
    : [input: Input<Id>, options?: CallOptions];
/** Operations that answer one page of a list. */
export type ListId = {
  [Id in OperationId]: Operations[Id]["answer"] extends { readonly next_cursor: string | null } ? Id : never;
}[OperationId];
type Item<Id extends ListId> = Extract<Operations[Id]["answer"], { readonly data: readonly unknown[] }>["data"][number];

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** One of your own, kept over restarts of your program, makes a POST safe over those as well. */
  readonly idempotencyKey?: string;
}
export interface ClientOptions {
  /** Where the API is, without `/v1`. */
  readonly baseUrl: string;
  /** Those of an earlier session. */
  readonly tokens?: Tokens;
  /** Told whenever tokens change, to keep them; undefined when the session has ended. */
  readonly onTokens?: (tokens: Tokens | undefined) => void;
  readonly fetch?: typeof fetch;
  readonly retry?: Partial<RetryPolicy>;
}

interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

/** What any operation may be given, seen from inside. */
interface Parts {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
}

/** Calls the API: types from its document, tokens refreshed, what got lost sent again and done once. */
export class Client {
  readonly #options: ClientOptions;
  readonly #retry: RetryPolicy;
  #tokens: Tokens | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#tokens = options.tokens;
  }

  get isSignedIn(): boolean {
    return this.#tokens !== undefined;
  }

  /** Makes an account and signs in. @throws ProblemError */
  async register(body: Input<"register">["body"]): Promise<OwnUser> {
    const { user, ...tokens } = await this.call("register", { body });
    this.#keep(tokens);
    return user;
  }

  /** Signs in. @throws ProblemError INVALID_CREDENTIALS */
  async login(body: Input<"login">["body"]): Promise<OwnUser> {
    const { user, ...tokens } = await this.call("login", { body });
    this.#keep(tokens);
    return user;
  }

  /** Ends the session, here and there. */
  async logout(): Promise<void> {
    const refresh_token = this.#tokens?.refresh_token;
    this.#keep(undefined);
    if (refresh_token !== undefined) await this.call("logout", { body: { refresh_token } });
  }

  /**
   * Calls one operation by its id in the document.
   * @throws ProblemError when the API refuses it, TypeError when the network fails for good
   */
  async call<Id extends OperationId>(
    id: Id,
    ...[input, options = {}]: Arguments<Id>
  ): Promise<Operations[Id]["answer"]> {
    return this.#call<Operations[Id]["answer"]>(id, input ?? {}, options);
  }

  /** Every item of a list, page after page, as they are asked for. */
  async *each<Id extends ListId>(id: Id, input: Input<Id>, options: CallOptions = {}): AsyncGenerator<Item<Id>, void> {
    const parts: Parts = input;
    for (let cursor: string | undefined; ;) {
      const query = { ...parts.query, ...(cursor === undefined ? {} : { cursor }) };
      const page = await this.#call<Page<Item<Id>>>(id, { ...parts, query }, options);
      yield* page.data;
      if (page.next_cursor === null) return;
      cursor = page.next_cursor;
    }
  }

  async #call<T>(id: OperationId, parts: Parts, { signal, idempotencyKey }: CallOptions): Promise<T> {
    const [method, pattern] = OPERATIONS[id];
    const path = pattern.replaceAll(/{(\w+)}/g, (_, name: string) => encodeURIComponent(parts.path?.[name] ?? ""));
    const query = Object.entries(parts.query ?? {}).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const url = new URL(
      `${path}${query.length > 0 ? `?${new URLSearchParams(query).toString()}` : ""}`,
      this.#options.baseUrl,
    );
    const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
    const headers: Record<string, string> = {
      accept: "application/json, text/plain;q=0.9, text/html;q=0.8",
      ...(method === "POST" ? { "idempotency-key": idempotencyKey ?? crypto.randomUUID() } : {}),
      // CloudFront wants the hash before it signs a request to the function behind it.
      ...(body === undefined ? {} : { "content-type": "application/json", "x-amz-content-sha256": await sha256(body) }),
    };
    const init = { method, ...(body === undefined ? {} : { body }), ...(signal ? { signal } : {}) };
    // The answer is read in here: one that breaks off in its middle is a failure of the network like any other.
    const send = async () => decode<T>(await this.#send(url, init, headers));
    return retrying(() => this.#signedIn(id, send), this.#retry, signal);
  }

  /** Sends once more with a new access token when the old one has ended. */
  async #signedIn<T>(id: OperationId, send: () => Promise<T>): Promise<T> {
    const used = this.#tokens;
    try {
      return await send();
    } catch (error) {
      const hasEnded = error instanceof ProblemError && error.code === "UNAUTHENTICATED" && used !== undefined;
      if (!hasEnded || id === "refreshTokens") throw error;
      if (this.#tokens === used) await this.#refresh(used);
      return send();
    }
  }

  /** One refresh at a time, however many calls wait for it: the token is good for one use. */
  #refresh(used: Tokens): Promise<void> {
    this.#refreshing ??= this.call("refreshTokens", { body: { refresh_token: used.refresh_token } })
      .then((tokens) => this.#keep(tokens))
      .catch((error: unknown) => {
        if (error instanceof ProblemError && error.code === "INVALID_REFRESH_TOKEN") this.#keep(undefined);
        throw error;
      })
      .finally(() => {
        this.#refreshing = undefined;
      });
    return this.#refreshing;
  }

  async #send(url: URL, init: RequestInit, headers: Record<string, string>): Promise<Response> {
    const token = this.#tokens?.access_token;
    const all = token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
    const answer = await (this.#options.fetch ?? fetch)(url, { ...init, headers: all });
    if (!answer.ok) throw await problemOf(answer);
    return answer;
  }

  #keep(tokens: Tokens | undefined): void {
    this.#tokens = tokens;
    this.#options.onTokens?.(tokens);
  }
}

/** The document says what an operation answers; the API's own tests hold it to that. What is no JSON is a text, or nothing. */
async function decode<T>(answer: Response): Promise<T> {
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  const { value } = JSON.parse(
    isJson ? `{"value":${text}}` : JSON.stringify({ value: text === "" ? undefined : text }),
  );
  return value;
}

/** SHA-256 as hex digits. */
export async function sha256(data: string | ArrayBuffer): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
