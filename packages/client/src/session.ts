import type { Tokens } from "./schemas.ts";

/**
 * Storage for the tokens of a session that several tabs or processes share. `write` is called with every change, `read`
 * returns the latest value.
 */
export interface TokenStore {
  read(): Tokens | undefined | Promise<Tokens | undefined>;
  /**
   * Stores new tokens.
   * @param tokens undefined when the session has ended
   */
  write(tokens: Tokens | undefined): void | Promise<void>;
}

export interface SessionOptions {
  /** The name of the Web Lock that tabs of one origin share; contains the API's URL. */
  readonly lockName: string;
  readonly tokens: Tokens | undefined;
  readonly store: TokenStore | undefined;
  readonly onTokens: ((tokens: Tokens | undefined) => void) | undefined;
}

/** The part of the Web Locks API that this module uses. Node has it since version 24, older browsers do not. */
interface Locks {
  request<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/** The tokens of one session. A refresh token is valid for one use, so only one refresh may run at a time. */
export class Session {
  readonly #options: SessionOptions;
  #tokens: Tokens | undefined;
  #loading: Promise<void> | undefined;
  #refreshing: Promise<void> | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#tokens = options.tokens;
  }

  /** The tokens in memory, without reading the store. */
  get tokens(): Tokens | undefined {
    return this.#tokens;
  }

  /** Reads the store before the first call, unless tokens were passed. */
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

  /** Replaces the tokens, and notifies the store and the listener. */
  async keep(tokens: Tokens | undefined): Promise<void> {
    this.#tokens = tokens;
    this.#options.onTokens?.(tokens);
    await this.#options.store?.write(tokens);
  }

  /** Replaces the tokens by those of another tab, without a notification. */
  adopt(tokens: Tokens | undefined): void {
    this.#tokens = tokens;
  }

  /**
   * Exchanges `used` for new tokens, once for all calls and tabs: with Web Locks one tab refreshes while the others wait, and
   * each tab checks the store before it refreshes.
   * @param refresh calls the API, which rejects a token that another tab has used
   * @param isRefused whether an error of `refresh` means that the token is invalid
   */
  renew(
    used: Tokens,
    refresh: (refreshToken: string) => Promise<Tokens>,
    isRefused: (error: unknown) => boolean,
  ): Promise<void> {
    this.#refreshing ??= this.#withLock(async () => {
      if (await this.#adoptNewer(used)) return;
      try {
        await this.keep(await refresh(used.refresh_token));
      } catch (error) {
        if (!isRefused(error)) throw error;
        if (await this.#adoptNewer(used)) return; // another tab, without locks, has refreshed first
        await this.keep(undefined);
        throw error;
      }
    }).finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  #withLock(work: () => Promise<void>): Promise<void> {
    const locks = locksOf(globalThis);
    // Without a shared store, no lock is needed.
    if (locks === undefined || this.#options.store === undefined) return work();
    return locks.request(this.#options.lockName, work);
  }

  /**
   * Adopts the tokens of the store if they differ from `used`.
   * @returns whether they differ
   */
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

/** The part of `localStorage` that this module uses. */
interface KeyValueStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * Stores the tokens in `localStorage` or a similar storage, so that all tabs of an origin share one session. Every script of
 * the origin can read them there: a page that may contain foreign scripts should keep them in memory.
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

/** Parses stored tokens; returns undefined for invalid content. */
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
