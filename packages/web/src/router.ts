import { signal } from "./data/signal.ts";

/** The path and the query of the current page. */
export const place = signal(location.pathname + location.search);

/** Names of values in the state of an entry of the browser's history: its scroll position in CSS pixels. */
const TOP = "top";
/** Time after the last scroll event at which the position is kept; Safari allows 100 changes of the state in 30 s. */
const SCROLLED_MS = 350;
/** Longest time for which a page may load its content until its scroll position is restored. */
const RESTORING_MS = 10_000;

/** A value of the current entry of the browser's history. */
export const kept = (name: string): unknown => Reflect.get(Object(history.state), name);

/** Keeps a value in the current entry, so that “back” and a reload show the page as it was left. */
export function keepInEntry(name: string, value: unknown): void {
  try {
    history.replaceState({ ...Object(history.state), [name]: value }, "");
  } catch {
    // The browser allows no more changes at this moment.
  }
}

export function go(path: string, options: { replace?: boolean } = {}): void {
  const isSamePage = options.replace === true && new URL(path, location.href).pathname === location.pathname;
  // A page whose filters are in its URL replaces it while it loads.
  if (!isSamePage) stopRestoring();
  if (options.replace) history.replaceState(isSamePage ? history.state : null, "", path);
  else {
    keepInEntry(TOP, scrollY);
    history.pushState(null, "", path);
  }
  arrive();
  if (!options.replace) scrollTo(0, 0);
}

function arrive(): void {
  place.set(location.pathname + location.search);
}

const NOTHING = () => undefined;
/** Ends the restoration of a scroll position; {@link NOTHING} while none is in progress. */
let stopRestoring: () => void = NOTHING;

/** Scrolls to the position of the entry as soon as the page is long enough, unless the reader scrolls first. */
function restore(): void {
  stopRestoring();
  const top = Number(kept(TOP) ?? 0);
  const attempt = () => {
    if (document.documentElement.scrollHeight - innerHeight < top) return;
    stopRestoring();
    scrollTo(0, top);
  };
  const growth = new ResizeObserver(attempt);
  const timer = setTimeout(() => stopRestoring(), RESTORING_MS);
  const inputs = ["wheel", "touchstart", "pointerdown", "keydown"] as const;
  stopRestoring = () => {
    growth.disconnect();
    clearTimeout(timer);
    for (const type of inputs) removeEventListener(type, stopRestoring);
    stopRestoring = NOTHING;
  };
  for (const type of inputs) addEventListener(type, stopRestoring, { passive: true });
  growth.observe(document.body); // also reports the present size
}

/** Keeps the position of each entry. A page that is still loading its content has no position of its own. */
function keepPositions(): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  history.scrollRestoration = "manual";
  addEventListener(
    "scroll",
    () => {
      clearTimeout(timer);
      const at = history.state as unknown;
      timer = setTimeout(() => {
        // While content loads, the page is shorter, and the browser scrolls it by itself.
        if (history.state === at && stopRestoring === NOTHING) keepInEntry(TOP, scrollY);
      }, SCROLLED_MS);
    },
    { passive: true },
  );
  if (kept(TOP) !== undefined) restore();
}

export function startRouter(): void {
  keepPositions();
  addEventListener("popstate", () => {
    // A dialog that closes has an entry of its own for the same page.
    const isOther = location.pathname + location.search !== place.value;
    arrive();
    if (isOther) restore();
  });
  addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (/^\/(docs|openapi\.json)/.test(link.pathname) || link.getAttribute("href")?.startsWith("#")) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}

/** The parameters of `path` in a pattern such as `/tasks/:id`; undefined if it does not match. */
export function match(pattern: string, path: string): readonly string[] | undefined {
  const expression = new RegExp(`^${pattern.replaceAll(/:\w+/g, "([^/]+)")}/?$`);
  return expression
    .exec(path)
    ?.slice(1)
    .map((part) => decodeURIComponent(part));
}
