declare const self: ServiceWorkerGlobalScope;

// Placeholders that the build replaces: see build/service-worker.ts.
const VERSION: string = "__VERSION__";
const SHELL: readonly string[] = ["__SHELL__"];
/** Ignores `Vary`: responses vary by `Accept`, which differs between the worker's own requests and those of pages. */
const AS_STORED = { ignoreVary: true };
const CACHE = `shell-${VERSION}`;

/** Paths of the API and of its reference, to which the worker never responds. */
const SERVER = /^\/(v1|docs|dev|live|ready|health|metrics|openapi\.json)(\/|$)/;

self.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(clean().then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin || SERVER.test(url.pathname)) return;
  if (request.mode === "navigate") event.respondWith(page(request));
  else if (SHELL.includes(url.pathname)) event.respondWith(stored(url.pathname, request));
});

self.addEventListener("push", (event) => {
  event.waitUntil(show(event.data?.text() ?? ""));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const id: unknown = event.notification.data;
  event.waitUntil(openPage(typeof id === "string" && id !== "" ? `/notifications/${id}` : "/notifications"));
});

/** Shows a push, and notifies open pages. Browsers require that each push is shown, even a push that cannot be read. */
async function show(payload: string): Promise<void> {
  const { id, text } = noticeOf(payload);
  // The tag makes the browser show a repeated notification only once.
  const options = { body: text, icon: "/icons/icon-192.png", badge: "/icons/icon-192.png", tag: id, data: id };
  await self.registration.showNotification("Gotong Royong", options);
  for (const client of await self.clients.matchAll({ type: "window" })) tell(client, {});
}

/**
 * Posts a message to a page. The `postMessage` of a service worker's client has no parameter for the origin, unlike
 * that of a window.
 */
const tell = (page: Client, message: { readonly open?: string }): void => page.postMessage(message, { transfer: [] });

interface Notice {
  readonly id: string;
  readonly text: string;
}

function noticeOf(payload: string): Notice {
  try {
    const value: unknown = JSON.parse(payload);
    const [id, text]: unknown[] = ["id", "text"].map((key) => Reflect.get(Object(value), key));
    if (typeof id === "string" && typeof text === "string") return { id, text };
  } catch {
    // The payload is not JSON, so the push is not from this platform.
  }
  return { id: "", text: "" };
}

/** Opens a page of the app in an existing window, or in a new one. */
async function openPage(path: string): Promise<void> {
  const [open] = await self.clients.matchAll({ type: "window" });
  if (!open) {
    await self.clients.openWindow(path);
    return;
  }
  // Opens the page even if the browser does not allow the focus.
  await open.focus().catch(() => undefined);
  tell(open, { open: path });
}

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll(
    SHELL.map(
      (path) =>
        new Request(path, { cache: path === "/" ? "reload" : "default", headers: { accept: "text/html, */*" } }),
    ),
  );
}

async function clean(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== CACHE) await caches.delete(name);
}

/** Prefers the network, so that a new version shows at once; falls back to the stored page. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(4000) });
    if (answer.ok || answer.status < 500) return answer;
  } catch {
    // There is no network, or it is very slow.
  }
  return (await caches.match("/", AS_STORED)) ?? Response.error();
}

async function stored(path: string, request: Request): Promise<Response> {
  return (await caches.match(path, AS_STORED)) ?? fetch(request);
}
