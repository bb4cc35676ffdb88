/**
 * A URL of Markov's API: appends `path` to the base URL's own path, which `new URL(path, base)` would drop.
 * @param base `MARKOV_API_URL`, with or without a path, with or without a trailing slash
 * @param path with its leading slash, such as `/v1/users/…`
 */
export function markovUrl(base: string, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  return url;
}
