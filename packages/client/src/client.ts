import type { Operations } from "./operations.ts";
import { OPERATIONS } from "./paths.ts";
import type { OwnUser, Tokens } from "./schemas.ts";
import { hasCode, problemOf } from "./problem.ts";
import { DEFAULT_RETRY, type RetryPolicy, retrying } from "./retry.ts";
import { Session, type TokenStore } from "./session.ts";
import { Unanswered } from "./unanswered.ts";
import { baseOf, decode, onceGone, sha256 } from "./wire.ts";

export type OperationId = keyof Operations;
type Input<Id extends OperationId> = Operations[Id]["input"];
/** Arguments of `call`; the input is optional if the operation requires none. */
type Arguments<Id extends OperationId> =
  Record<string, never> extends Input<Id>
    ? [input?: Input<Id>, options?: CallOptions]
    : [input: Input<Id>, options?: CallOptions];
/** Operations that return one page of a list. */
export type ListId = {
  [Id in OperationId]: Operations[Id]["answer"] extends { readonly next_cursor: string | null } ? Id : never;
}[OperationId];
type Item<Id extends ListId> = Extract<Operations[Id]["answer"], { readonly data: readonly unknown[] }>["data"][number];

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Your own idempotency key. If you store it, a POST is safe to retry even after a restart of the program. */
  readonly idempotencyKey?: string;
}
export interface ClientOptions {
  /** The URL of the API, without `/v1`; it may have a path. */
  readonly baseUrl: string;
  /** The tokens of an earlier session. */
  readonly tokens?: Tokens;
  /** Shares a session between tabs or processes: see `storageTokens`. */
  readonly store?: TokenStore;
  /** Called when the tokens change, to store them; undefined when the session has ended. */
  readonly onTokens?: (tokens: Tokens | undefined) => void;
  readonly fetch?: typeof fetch;
  readonly retry?: Partial<RetryPolicy>;
}

/** One page of a list. */
export interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

/** The input of any operation, untyped. */
interface Parts {
  readonly path?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
}

/** Calls the API: typed from its document, with token refresh and idempotent retries. */
export class Client {
  readonly #options: ClientOptions;
  readonly #retry: RetryPolicy;
  readonly #base: string;
  readonly #session: Session;
  readonly #unanswered = new Unanswered();

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#retry = { ...DEFAULT_RETRY, ...options.retry };
    this.#base = baseOf(options.baseUrl);
    const { tokens, store, onTokens } = options;
    this.#session = new Session({ lockName: `gotong-royong ${this.#base}`, tokens, store, onTokens });
  }

  get isSignedIn(): boolean {
    return this.#session.tokens !== undefined;
  }

  /**
   * Sets the tokens that another tab or process received, for example in a `storage` event; undefined if the session
   * has ended there. Does not call `onTokens`.
   */
  setTokens(tokens: Tokens | undefined): void {
    this.#session.adopt(tokens);
  }

  /**
   * Creates an account and signs in.
   * @throws ProblemError
   */
  async register(body: Input<"register">["body"]): Promise<OwnUser> {
    const { user, ...tokens } = await this.call("register", { body });
    await this.#session.keep(tokens);
    return user;
  }

  /**
   * Signs in.
   * @throws ProblemError INVALID_CREDENTIALS
   */
  async login(body: Input<"login">["body"]): Promise<OwnUser> {
    const { user, ...tokens } = await this.call("login", { body });
    await this.#session.keep(tokens);
    return user;
  }

  /** Revokes the session on the server, and forgets its tokens. */
  async logout(): Promise<void> {
    await this.#session.load();
    const refresh_token = this.#session.tokens?.refresh_token;
    await this.#session.keep(undefined);
    if (refresh_token !== undefined) await this.call("logout", { body: { refresh_token } });
  }

  /**
   * Calls one operation by its id in the document.
   * @throws ProblemError if the API rejects it, TypeError if the network fails after all retries
   */
  async call<Id extends OperationId>(
    id: Id,
    ...[input, options = {}]: Arguments<Id>
  ): Promise<Operations[Id]["answer"]> {
    const answer = await this.#call<Operations[Id]["answer"]>(id, input ?? {}, options);
    if (id === "deleteMe") await this.#session.keep(undefined);
    return answer;
  }

  /** Iterates over the pages of a list, which are requested lazily. */
  async *pages<Id extends ListId>(
    id: Id,
    input: Input<Id>,
    options: CallOptions = {},
  ): AsyncGenerator<Page<Item<Id>>, void> {
    const parts: Parts = input;
    for (let cursor: string | undefined; ;) {
      const query = { ...parts.query, ...(cursor === undefined ? {} : { cursor }) };
      const page = await this.#call<Page<Item<Id>>>(id, { ...parts, query }, options);
      yield page;
      if (page.next_cursor === null) return;
      cursor = page.next_cursor;
    }
  }

  /** Iterates over the items of a list, whose pages are requested lazily. */
  async *each<Id extends ListId>(id: Id, input: Input<Id>, options: CallOptions = {}): AsyncGenerator<Item<Id>, void> {
    for await (const page of this.pages(id, input, options)) yield* page.data;
  }

  async #call<T>(id: OperationId, parts: Parts, { signal, idempotencyKey }: CallOptions): Promise<T> {
    await this.#session.load();
    const [method, pattern] = OPERATIONS[id];
    const path = pattern.replaceAll(/{(\w+)}/g, (_, name: string) => encodeURIComponent(parts.path?.[name] ?? ""));
    const query = Object.entries(parts.query ?? {}).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    );
    const url = `${this.#base}${path}${query.length > 0 ? `?${new URLSearchParams(query).toString()}` : ""}`;
    const body = parts.body === undefined ? undefined : JSON.stringify(parts.body);
    // CloudFront requires the hash to sign a request to the function.
    const hash = body === undefined ? "" : await sha256(body);
    const request = `${method} ${url} ${hash}`;
    const former = this.#unanswered.keyOf(request);
    const key = idempotencyKey ?? former ?? crypto.randomUUID();
    const headers: Record<string, string> = {
      accept: "application/json, text/plain;q=0.9, text/html;q=0.8",
      ...(method === "POST" ? { "idempotency-key": key } : {}),
      ...(body === undefined ? {} : { "content-type": "application/json", "x-amz-content-sha256": hash }),
    };
    const init = { method, ...(body === undefined ? {} : { body }), ...(signal ? { signal } : {}) };
    // Reads the response too: an incomplete response is a network failure.
    const send = async () => decode<T>(await this.#send(url, init, headers));
    const signedIn = () => this.#signedIn(id, send);
    const attempt = method === "DELETE" ? onceGone(signedIn, id === "deleteMe", former !== undefined) : signedIn;
    try {
      const answer = await retrying(attempt, this.#retry, signal);
      this.#unanswered.end(request, key);
      return answer;
    } catch (error) {
      if (method !== "GET") this.#unanswered.end(request, key, error);
      throw error;
    }
  }

  /** Retries once with a new access token if the old one has expired. */
  async #signedIn<T>(id: OperationId, send: () => Promise<T>): Promise<T> {
    const used = this.#session.tokens;
    try {
      return await send();
    } catch (error) {
      const hasExpired = hasCode(error, "UNAUTHENTICATED") && used !== undefined;
      if (!hasExpired || id === "refreshTokens") throw error;
      if (this.#session.tokens === used) await this.#refresh(used);
      return send();
    }
  }

  #refresh(used: Tokens): Promise<void> {
    return this.#session.renew(
      used,
      (refresh_token) => this.call("refreshTokens", { body: { refresh_token } }),
      (error) => hasCode(error, "INVALID_REFRESH_TOKEN"),
    );
  }

  async #send(url: string, init: RequestInit, headers: Record<string, string>): Promise<Response> {
    const token = this.#session.tokens?.access_token;
    const all = token === undefined ? headers : { ...headers, authorization: `Bearer ${token}` };
    const response = await (this.#options.fetch ?? fetch)(url, { ...init, headers: all });
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}
