const PROBES: ReadonlySet<string> = new Set(["/live", "/ready", "/health", "/metrics"]);

/** Health checks and scrapers are frequent, come from one address and cost nothing: no limit applies to them. */
export const isProbe = (path: string): boolean => PROBES.has(path);

/**
 * Whether a route returns a single object, which has an `ETag`. Lists, and responses with a URL or an age, have none.
 * @param pattern of the route, such as `/v1/tasks/:task_id`
 */
export const hasEtag = (method: string, pattern: string): boolean =>
  (method === "GET" || method === "HEAD") && (pattern === "/v1/me" || /^\/v1\/[\w-]+\/:\w+$/.test(pattern));
