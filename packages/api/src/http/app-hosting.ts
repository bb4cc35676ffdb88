import { extname } from "node:path";

// How the web app is hosted, shared by servers (site.ts) and CloudFront (infra/app-edge.ts). The service worker repeats the paths; a test checks that they are equal.

/** The page that is served for every path of the app. */
export const PAGE = "/index.html";

/** First parts of the API's paths, as a regular expression for browsers and CloudFront as well. No page may use these paths. */
const API_PARTS = "v1|docs|dev|live|ready|health|metrics|openapi\\.json";
export const API_PATHS = `^\\/(${API_PARTS})(\\/|$)`;

/** Folder of files whose names contain a hash of their content, so that they never change. */
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

/** Browser features that pages of the app may ask the member to allow. The API's responses allow none. */
export const PAGE_PERMISSIONS = "camera=(self), geolocation=(self), microphone=()";

/**
 * The content security policy of the app's pages: no inline scripts or styles, no other host except the storage, Trusted Types.
 * @param storageOrigin the origin to which the app uploads files and from which it loads pictures
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
