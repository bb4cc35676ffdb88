const PROBES: ReadonlySet<string> = new Set(["/live", "/ready", "/health", "/metrics"]);

/** Whether a path is a health check or a scrape. These are frequent, come from one address and cost nothing, so no limit applies to them. */
export const isProbe = (path: string): boolean => PROBES.has(path);

/** Pattern of routes whose responses differ each time: they contain a signed URL, an age or the time of the request. */
const EPHEMERAL = /\/(download|thumbnail|reputation|export)$/;

/** Whether a route returns the same to everyone, so that shared caches may store its responses. */
export const isPublic = (pattern: string): boolean => pattern === "/v1/open-tasks";

/**
 * Whether a route returns an object or a list with an `ETag`, so that a client which asks again loads nothing if nothing has changed.
 * @param pattern of the route, such as `/v1/tasks/:task_id`
 */
export const hasEtag = (method: string, pattern: string): boolean =>
  (method === "GET" || method === "HEAD") && pattern.startsWith("/v1/") && !EPHEMERAL.test(pattern);
