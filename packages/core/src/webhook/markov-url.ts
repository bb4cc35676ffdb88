/**
 * An address of Markov's API: `path` behind everything that the base holds, which `new URL(path, base)` would drop.
 * @param base `MARKOV_API_URL`, with a path of its own or without, with a slash at its end or without
 * @param path from its first slash, such as `/v1/users/…`
 */
export function markovUrl(base: string, path: string): URL {
  const url = new URL(base);
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  return url;
}
