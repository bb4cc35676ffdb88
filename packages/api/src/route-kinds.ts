const PROBES: ReadonlySet<string> = new Set(["/live", "/ready", "/health", "/metrics"]);

/** Whether a path is a health check or a scrape. These are frequent, come from one address and cost nothing, so no limit applies to them. */
export const isProbe = (path: string): boolean => PROBES.has(path);

/** Pattern of routes whose responses differ each time: they contain a signed URL, an age or the time of the request. */
const EPHEMERAL = /\/(download|thumbnail|reputation|export)$/;

/**
 * `Cache-Control` of the routes that return the same to everyone, so that shared caches may store their responses. Open
 * tasks may be cached for a minute, as long as the API itself caches a list. A profile picture never changes under its
 * name, so browsers may keep it for a day. Shared caches may keep it for an hour only: we do not invalidate them, and a
 * removed picture must disappear.
 */
const PUBLIC: Readonly<Record<string, string>> = {
  "/v1/open-tasks": "public, max-age=60, stale-while-revalidate=300",
  "/v1/avatars/:name": "public, max-age=86400, s-maxage=3600, immutable",
};

/** The `Cache-Control` of a route that returns the same to everyone; undefined for all others. */
export const publicCaching = (pattern: string): string | undefined => PUBLIC[pattern];

/** Whether a path is a profile picture: pages load many at once, and without an access token. */
export const isAvatar = (path: string): boolean => path.startsWith("/v1/avatars/");

/**
 * Whether a route returns an object or a list with an `ETag`, so that a client need not load it again while it has not
 * changed.
 * @param pattern of the route, such as `/v1/tasks/:task_id`
 */
export const hasEtag = (method: string, pattern: string): boolean =>
  (method === "GET" || method === "HEAD") && pattern.startsWith("/v1/") && !EPHEMERAL.test(pattern);

/**
 * Whether a request reads the same for members of all roles and changes nothing, so that it may run while its session
 * is still checked: see `requireMember`.
 */
export const isReadEarly = ({ method, path }: { readonly method: string; readonly path: string }): boolean =>
  method === "GET" && path === "/v1/tasks";
