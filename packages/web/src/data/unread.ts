import { go } from "../router.ts";
import { changed } from "./read.ts";
import { PUSHES, account, client } from "./session.ts";
import { signal } from "./signal.ts";
import { device } from "./storage.ts";

/** Number of unread notifications; the API counts up to 100. */
export const unread = signal(0);

/** Delay of the first read, which must not slow down the first list on a slow network. */
const FIRST_MS = 4000;
/** Interval between reads of the count; an open page loads about 10 KB an hour for it. */
const PAUSE_MS = 120_000;

/** Reads the count. Without a network the last count stays. */
export async function readUnread(): Promise<void> {
  const user = account.value?.id;
  if (user === undefined || document.hidden) return;
  const feed = await client.call("listNotifications", { query: { limit: 1 } }).catch(() => undefined);
  if (feed !== undefined && account.value?.id === user) unread.set(feed.unread_count);
}

/**
 * Keeps the count up to date, and opens the page that the service worker requests when a member taps a notification.
 */
export function startUnread(): void {
  const read = () => void readUnread();
  const renew = (isNewSession: boolean) => void renewLater(isNewSession).catch(() => undefined);
  setTimeout(read, FIRST_MS);
  setTimeout(renew, FIRST_MS, false);
  setInterval(read, PAUSE_MS);
  document.addEventListener("visibilitychange", read);
  let user = account.value?.id;
  account.subscribe(() => {
    if (account.value?.id === user) return;
    user = account.value?.id;
    unread.set(0);
    setTimeout(read, FIRST_MS);
    setTimeout(renew, FIRST_MS, true);
  });
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", ({ data }: MessageEvent<unknown>) => {
    const path: unknown = Reflect.get(Object(data), "open");
    if (typeof path === "string" && path.startsWith("/")) go(path);
    else changed();
    read();
  });
}

/** Loads the script of pushes only on devices that have them. */
async function renewLater(isNewSession: boolean): Promise<void> {
  if (account.value === undefined || device.get(PUSHES) === null) return;
  const { renewPushes } = await import("./push.ts");
  await renewPushes(isNewSession);
}
