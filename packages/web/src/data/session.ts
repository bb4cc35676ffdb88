import { GotongClient, type OwnUser, ProblemError } from "@gotong/client";
import { ACCOUNT, PENDING, REFRESH, refresh, takeEarly } from "../early.ts";
import { readClock } from "./clock.ts";
import { signal } from "./signal.ts";
import { device, tab } from "./storage.ts";
import { Store } from "./store.ts";

/** Key of the stored id of this device's push subscription, which belongs to the member who was signed in when it was created. */
export const PUSHES = "gotong.pushes";

/** Key of the drafts of this tab: see drafts.ts. */
export const DRAFTS = "gotong.drafts";

export const account = signal<OwnUser | undefined>(readAccount());
/** Whether the session has expired, for a message on the login page. */
export const ended = signal(false);

/**
 * Length of a body up to which a browser completes the request after its page is closed; browsers allow 64 KB for all
 * requests of a page together.
 */
const KEEPALIVE_CHARACTERS = 8000;

/**
 * Sends the client's requests. The refresh token is in a cookie that scripts cannot read, the access token in memory
 * (docs/adr/0026-session-cookie.md).
 */
const cookieFetch: typeof fetch = async (input, init = {}) => {
  const url = new URL(input instanceof Request ? input.url : String(input));
  const headers = new Headers(init.headers);
  headers.set("accept-language", document.documentElement.lang);
  if (!url.pathname.startsWith("/v1/auth/")) {
    const authorization = headers.get("authorization");
    // Without an access token, returns the response that the API would send, and sends no request.
    if (authorization === "Bearer") return unauthenticated();
    const isRead = init.method === "GET";
    const early = isRead ? await takeEarly(url.pathname + url.search, authorization) : undefined;
    const keepalive = !isRead && (typeof init.body !== "string" || init.body.length < KEEPALIVE_CHARACTERS);
    const response = early ?? (await fetch(input, { ...init, headers, keepalive }));
    readClock(response);
    return response;
  }
  headers.set("x-session-mode", "cookie");
  headers.delete("authorization");
  if (url.pathname === REFRESH) return (await takeEarly(REFRESH)) ?? refresh(url.href, init, headers);
  return fetch(input, { ...init, headers, keepalive: true });
};

const unauthenticated = () =>
  new Response(JSON.stringify({ code: "UNAUTHENTICATED" }), {
    status: 401,
    headers: { "content-type": "application/problem+json" },
  });

export const client = new GotongClient({
  baseUrl: location.origin,
  fetch: cookieFetch,
  retry: { attempts: 2, firstWaitMs: 400 },
  // With a store, the client uses its lock, so that only one tab refreshes its tokens at a time. `read` returns
  // undefined, so each tab gets tokens of its own.
  store: { read: () => undefined, write: () => undefined },
  onTokens: (tokens) => {
    if (tokens === undefined && account.value !== undefined) forget(true);
  },
});

/** Tokens for the client, in place of the real ones: the API stores the refresh token in the cookie and returns empty strings. */
const NO_TOKENS = { access_token: "", refresh_token: "", token_type: "Bearer", expires_in: 0 } as const;

/** Continues with the account of the last session; the first request refreshes its tokens. */
export function resume(): void {
  if (account.value !== undefined) client.setTokens(NO_TOKENS);
}

export async function signIn(body: { email: string; password: string; mfa_code?: string }): Promise<void> {
  await begin(await client.login(body));
}

export async function signUp(body: Parameters<GotongClient["register"]>[0]): Promise<void> {
  await begin(await client.register(body));
}

async function begin(user: OwnUser): Promise<void> {
  const before = device.get("gotong.last");
  // Deletes the stored responses of another member, but not that member's unsent acts, which wait for their next login.
  if (before !== null && before !== user.id) await forgetAnswers();
  device.set("gotong.last", user.id);
  ended.set(false);
  keep(user);
  // Sets the language of mails and pushes to the page's language, unless the member has chosen one.
  const language = document.documentElement.lang === "en" ? "en" : "id";
  if (user.language === null) client.call("updateMe", { body: { language } }).then(keep, () => undefined);
}

/** Ends the session on this device at once, and on the server as soon as it responds. */
export async function signOut(): Promise<void> {
  forget(false);
  await Promise.all([forgetAnswers(), client.logout()]);
}

/** Deletes the stored responses, the drafts of this tab, and the id of this device's push subscription. */
async function forgetAnswers(): Promise<void> {
  tab.remove(DRAFTS);
  device.remove(PUSHES);
  await Store.clear("answers").catch(() => undefined);
}

export function keep(user: OwnUser): void {
  // Without storage the session continues, but the next page asks for a login.
  device.set(ACCOUNT, JSON.stringify(user));
  account.set(user);
}

export function forget(hasExpired: boolean): void {
  device.remove(ACCOUNT);
  device.remove(PENDING);
  ended.set(hasExpired);
  account.set(undefined);
}

function readAccount(): OwnUser | undefined {
  try {
    const value: unknown = JSON.parse(device.get(ACCOUNT) ?? "null");
    return isUser(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

// A function declaration, which is hoisted: `account` calls it while this module is still being evaluated.
function isUser(value: unknown): value is OwnUser {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof Reflect.get(value, "id") === "string" &&
    typeof Reflect.get(value, "username") === "string" &&
    Array.isArray(Reflect.get(value, "roles"))
  );
}

/** Whether a request failed because there is no network. */
export const isOffline = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof DOMException && error.name === "TimeoutError");

/** The code that selects the message for an error: the API's code, or a code of the app where that is more specific. */
export function codeOf(error: unknown): string {
  if (error instanceof RangeError) return "FILE_TYPE";
  if (!(error instanceof ProblemError)) return isOffline(error) ? "OFFLINE" : "UNKNOWN";
  const fields = error.errors.map(({ field }) => field);
  if (fields.includes("proof.timestamp")) return "CLOCK";
  return fields.includes("size_bytes") ? "FILE_SIZE" : error.code;
}

/** The id of the last member who was signed in in this tab. */
let last = account.value?.id;
// Another tab has signed in or out.
addEventListener("storage", (event) => {
  if (event.key !== ACCOUNT) return;
  const user = readAccount();
  client.setTokens(user === undefined ? undefined : NO_TOKENS);
  if (user !== undefined && user.id !== last) tab.remove(DRAFTS);
  last = user?.id ?? last;
  account.set(user);
});
