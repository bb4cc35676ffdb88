import { device } from "./data/storage.ts";
import { chosenLanguage } from "./texts/choice.ts";

// The page's first script. It is small, so that the session is refreshed and the page's data is requested while the app's
// script is still loading: on a network with a latency of 400 ms that saves two round trips. It imports nothing of the app.

/** Key of the stored account of the last session, with which the page is rendered before the first response. */
export const ACCOUNT = "gotong.account";
/** Key of the stored idempotency key of a refresh without a response: the next page sends the same key and gets the same response. */
export const PENDING = "gotong.refresh";
export const REFRESH = "/v1/auth/refresh";
/** Name of the client's Web Lock, which lets only one tab refresh at a time. */
const LOCK = `gotong-royong ${location.origin}`;
/** The body of a refresh, which has no token since the token is in the cookie; and the hash of the body, which CloudFront requires. */
const BODY = '{"refresh_token":""}';
const BODY_SHA256 = "c841d7f1880379e154c5206174c69f4ae6ad0539bb6a0a1125d4d6fb6c0c5a36";
/** Age above which a response that the app has not used is outdated. */
const USABLE_MS = 60_000;

interface Early {
  readonly authorization?: string;
  readonly response: Response;
}

const requests: Record<string, Promise<Early>> = {};
const startedAt = Date.now();

/**
 * Returns the response to a request that this script sent before the app asked for it; each response is used once.
 * @param authorization the header of the app's own request: a response for another session is not used
 */
export async function takeEarly(path: string, authorization?: string | null): Promise<Response | undefined> {
  const request = requests[path];
  Reflect.deleteProperty(requests, path);
  if (request === undefined || Date.now() - startedAt > USABLE_MS) return undefined;
  const early = await request.catch(() => undefined);
  return early && (early.authorization === undefined || early.authorization === authorization)
    ? early.response
    : undefined;
}

/** Sends a refresh. Its idempotency key is stored until a response arrives, so that the next page can send the same key. */
export async function refresh(url: string, init: RequestInit, headers: Headers): Promise<Response> {
  const pending = device.get(PENDING);
  const key = pending ?? crypto.randomUUID();
  device.set(PENDING, key);
  headers.set("idempotency-key", key);
  headers.set("x-session-mode", "cookie");
  // `keepalive` completes the request even if the page is closed meanwhile, so that the next token is not lost.
  const response = await fetch(url, { ...init, headers, keepalive: true });
  // 409: the API still works on the refresh of a page that was closed. The next attempt sends the same key.
  if (response.status >= 500 || [409, 429].includes(response.status)) return response;
  device.remove(PENDING);
  // 422: the former refresh with this key did succeed, and its response set the next token in the cookie, to which the
  // key does not belong. Refreshes again with a new key.
  return pending !== null && response.status === 422 ? refresh(url, init, headers) : response;
}

/** The path of the page's first request: the list of tasks, or one task. */
function firstRead(): string | undefined {
  if (location.pathname === "/" && location.search === "") return "/v1/tasks?status=open";
  return /^\/tasks\/[\da-f-]{36}$/.test(location.pathname) ? `/v1${location.pathname}` : undefined;
}

/** Handles the error of a request that the app never asks for, such as without a network. */
function handled(request: Promise<Early>): Promise<Early> {
  request.catch(() => undefined);
  return request;
}

function start(): void {
  const language = chosenLanguage();
  if (language === "en") void import("./texts/en.ts");
  if (device.get(ACCOUNT) === null || !navigator.onLine) return;
  const common = { accept: "application/json", "accept-language": language };
  const headers = new Headers({ ...common, "content-type": "application/json", "x-amz-content-sha256": BODY_SHA256 });
  const send = () => refresh(REFRESH, { method: "POST", body: BODY }, headers);
  const refreshed = "locks" in navigator ? navigator.locks.request(LOCK, send) : send();
  requests[REFRESH] = handled(refreshed.then((response) => ({ response })));
  const path = firstRead();
  if (path === undefined) return;
  const read = async (): Promise<Early> => {
    const tokens: unknown = await (await refreshed).clone().json();
    const authorization = `Bearer ${String(Reflect.get(Object(tokens), "access_token"))}`;
    const response = await fetch(path, { headers: { ...common, authorization } });
    if (!response.ok) throw new Error("The app requests it again, and explains the problem.");
    return { authorization, response };
  };
  requests[path] = handled(read());
}

start();
