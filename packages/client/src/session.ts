import type { Tokens } from "./schemas.ts";

/**
 * Where the tokens of a session are kept, when several tabs or processes share one session. `write` is told of every change, and
 * `read` returns what any of them wrote last.
 */
export interface TokenStore {
  read(): Tokens | undefined | Promise<Tokens | undefined>;
  /** @param tokens undefined when the session has ended */
  write(tokens: Tokens | undefined): void | Promise<void>;
}

export interface SessionOptions {
  /** Names the lock that tabs of one origin share; the API's address is part of it. */
  readonly lockName: string;
  readonly tokens: Tokens | undefined;
  readonly store: TokenStore | undefined;
  readonly onTokens: ((tokens: Tokens | undefined) => void) | undefined;
}

/** As much of the Web Locks API as is needed; Node has it since 24, older browsers do not. */
interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** The tokens of one session. A refresh token is good for one use, so that only one refresh may run at a time. */
export class Session {
  readonly #options: SessionOptions;
  #tokens: Tokens | undefined;
  #loading: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#tokens = options.tokens;
  }

  /** The tokens as this object knows them, without a look at the store. */
  get tokens(): Tokens | undefined {
    return this.#tokens;
  }

  /** Reads the store before the first call, unless tokens were given. */
  load(): Promise<void> {
    const { store } = this.#options;
    if (store === undefined || this.#tokens !== undefined) return Promise.resolve();
    this.#loading ??= this.#read(store);
    return this.#loading;
  }

  async #read(store: TokenStore): Promise<void> {
    const stored = await store.read();
    this.#tokens ??= stored;
  }

  /** Replaces the tokens and tells the store and the listener. */
  async keep(tokens: Tokens | undefined): Promise<void> {
    this.#tokens = tokens;
    this.#options.onTokens?.(tokens);
    await this.#options.store?.write(tokens);
  }

  /** Replaces the tokens by what another tab has told: nobody is told again. */
  adopt(tokens: Tokens | undefined): void {
    this.#tokens = tokens;
  }

  /**
   * Gets new tokens for `used`, once, however many calls and tabs need them: where there are Web Locks one tab refreshes while the
   * others wait, and each looks into the store before it refreshes itself.
   * @param refresh asks the API, which refuses a token that another tab has used before
   * @param isRefused whether an error of `refresh` says that the token is not good
   */
  renew(
    used: Tokens,
    refresh: (refreshToken: string) => Promise<Tokens>,
    isRefused: (error: unknown) => boolean,
  ): Promise<void> {
    this.#refreshing ??= this.#alone(async () => {
      if (await this.#adoptNewer(used)) return;
      try {
        await this.keep(await refresh(used.refresh_token));
      } catch (error) {
        if (!isRefused(error)) throw error;
        if (await this.#adoptNewer(used)) return; // a tab without locks was faster
        await this.keep(undefined);
        throw error;
      }
    }).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  #alone(work: () => Promise<void>): Promise<void> {
    const locks = locksOf(globalThis);
    // Without a shared store there is nothing that the lock would protect.
    if (locks === undefined || this.#options.store === undefined) return work();
    return locks.request(this.#options.lockName, work);
  }

  /** @returns whether the store holds other tokens than `used`, which are taken over then */
  async #adoptNewer(used: Tokens): Promise<boolean> {
    const stored = await this.#options.store?.read();
    if (stored === undefined || stored.refresh_token === used.refresh_token) return false;
    this.#tokens = stored;
    return true;
  }
}

function locksOf(scope: unknown): Locks | undefined {
  const navigator: unknown = isObject(scope) ? Reflect.get(scope, "navigator") : undefined;
  const locks: unknown = isObject(navigator) ? Reflect.get(navigator, "locks") : undefined;
  return isLocks(locks) ? locks : undefined;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isLocks = (value: unknown): value is Locks =>
  isObject(value) && typeof Reflect.get(value, "request") === "function";

/** As much of `localStorage` as is needed. */
interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Keeps the tokens in `localStorage` (or anything like it), so that all tabs of an origin share one session. Whatever script runs
 * on the origin can read them there: a page that cannot rule out foreign scripts keeps them in memory instead.
 */
export function storageTokens(storage: KeyValueStorage, key = "gotong-royong.tokens"): TokenStore {
  return {
    read: () => parse(storage.getItem(key)),
    write: (tokens) => {
      if (tokens === undefined) storage.removeItem(key);
      else storage.setItem(key, JSON.stringify(tokens));
    },
  };
}

/** What is no set of tokens counts as none. */
function parse(text: string | null): Tokens | undefined {
  try {
    const value: unknown = JSON.parse(text ?? "null");
    return isTokens(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isTokens = (value: unknown): value is Tokens =>
  isObject(value) &&
  typeof Reflect.get(value, "access_token") === "string" &&
  typeof Reflect.get(value, "refresh_token") === "string";
