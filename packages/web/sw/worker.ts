declare const self: ServiceWorkerGlobalScope;

// The build replaces both: see build/service-worker.ts.
const VERSION: string = "__VERSION__";
const SHELL: readonly string[] = ["__SHELL__"];
/** Answers vary by `Accept`, which differs between the worker's own requests and those of pages. */
const AS_STORED = { ignoreVary: true };
const CACHE = `shell-${VERSION}`;

/** Paths of the API and of the reference: the worker never answers for them. */
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

/** Shows a push, and tells the pages that are open. A browser requires that each push is shown, also one that cannot be read. */
async function show(payload: string): Promise<void> {
  const { id, text } = noticeOf(payload);
  // The same notification twice is shown once.
  const options = { body: text, icon: "/icons/icon-192.png", badge: "/icons/icon-192.png", tag: id, data: id };
  await self.registration.showNotification("Gotong Royong", options);
  for (const client of await self.clients.matchAll({ type: "window" })) tell(client, {});
}

/** A page of this worker has its origin: other than a window's, its `postMessage` takes none. */
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
    // not of this platform
  }
  return { id: "", text: "" };
}

/** Opens a page of the app in a window that is there, or in a new one. */
async function openPage(path: string): Promise<void> {
  const [open] = await self.clients.matchAll({ type: "window" });
  if (!open) {
    await self.clients.openWindow(path);
    return;
  }
  // A browser may refuse; the page opens all the same.
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

/** The network decides while there is one, so that a new version shows at once; the stored page is for without. */
async function page(request: Request): Promise<Response> {
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(4000) });
    if (answer.ok || answer.status < 500) return answer;
  } catch {
    // no network, or a very slow one
  }
  return (await caches.match("/", AS_STORED)) ?? Response.error();
}

async function stored(path: string, request: Request): Promise<Response> {
  return (await caches.match(path, AS_STORED)) ?? fetch(request);
}
