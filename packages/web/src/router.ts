import { signal } from "./data/signal.ts";

/** The path and the query of the current page. */
export const place = signal(location.pathname + location.search);

export function go(path: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
  arrive();
  if (!options.replace) scrollTo(0, 0);
}

function arrive(): void {
  place.set(location.pathname + location.search);
}

export function startRouter(): void {
  addEventListener("popstate", arrive);
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
