import { extname } from "node:path";

// How the app is served, in one place for servers (site.ts) and CloudFront (infra/app-edge.ts). The service worker has the paths as well: a test compares.

/** The page that answers every address of the app. */
export const PAGE = "/index.html";

/** First parts of the API's paths, as a regular expression that browsers and CloudFront read too: a page never shadows them. */
const API_PARTS = "v1|docs|dev|live|ready|health|metrics|openapi\\.json";
export const API_PATHS = `^\\/(${API_PARTS})(\\/|$)`;

/** Files whose name has a hash of their content: they never change. */
export const IMMUTABLE_FOLDER = "/assets/";

export const cacheControlOf = (path: string): string =>
  path.startsWith(IMMUTABLE_FOLDER) ? "public, max-age=31536000, immutable" : "no-cache";

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
};
export const contentTypeOf = (path: string): string => TYPES[extname(path)] ?? "application/octet-stream";

/** What pages of the app may ask a member for; the API's answers may ask for nothing. */
export const PAGE_PERMISSIONS = "camera=(self), geolocation=(self), microphone=()";

/**
 * What pages of the app may do: no inline script or style, no other host but the storage, Trusted Types.
 * @param storageOrigin to which the app uploads and from which it shows pictures
 */
export function pagePolicy(storageOrigin: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src 'self' blob: ${storageOrigin}`,
    `connect-src 'self' ${storageOrigin}`,
    "manifest-src 'self'",
    "worker-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types gotong-worker",
  ].join("; ");
}
