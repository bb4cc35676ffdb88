import type { Traffic } from "./world.ts";

/** Requests with the statuses that show that a version works; none needs an account, and none changes data. */
export const PROBES: readonly (readonly [path: string, status: number])[] = [
  ["/live", 200],
  ["/health?deep=true", 200],
  ["/v1/me", 401],
  ["/v1/nothing-here", 404],
];
/**
 * Number of client addresses, from the range for documentation (RFC 5737): the rate limit of one address must not
 * affect the test.
 */
const ADDRESSES = 200;
const clientOf = (n: number) => `198.51.100.${(n % ADDRESSES) + 1}`;

/**
 * Sends each probe to a version of the API.
 * @param version that `/health` must return; undefined accepts any version
 * @returns a sentence for each wrong response
 */
export async function smokeOf(
  traffic: Pick<Traffic, "ask">,
  functionName: string,
  qualifier: string | undefined,
  version: string | undefined,
): Promise<string[]> {
  const problems: string[] = [];
  for (const [index, [path, status]] of PROBES.entries()) {
    const reply = await traffic.ask(functionName, qualifier, path, clientOf(index));
    if (reply.status !== status) problems.push(`GET ${path} answered ${reply.status}, not ${status}`);
    else if (path.startsWith("/health") && version !== undefined && !reply.body.includes(`"version":"${version}"`))
      problems.push(`GET ${path} does not name the version ${version}`);
  }
  return problems;
}

/** Returns whether a response is a failure; a version that does not respond in time has failed. */
const isFailure = (status: number) => status >= 500;

/**
 * Sends `count` requests to the alias, a few at once.
 * @returns the number of failed requests
 */
export async function loadAlias(
  traffic: Pick<Traffic, "ask">,
  functionName: string,
  alias: string,
  count: number,
): Promise<number> {
  const paths = PROBES.map(([path]) => path);
  let failures = 0;
  for (let sent = 0; sent < count; sent += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - sent) }, async (_, index) => {
      const path = paths[(sent + index) % paths.length] ?? "/live";
      const { status } = await traffic
        .ask(functionName, alias, path, clientOf(sent + index))
        .catch(() => ({ status: 599 }));
      if (isFailure(status)) failures += 1;
    });
    await Promise.all(batch);
  }
  return failures;
}
const AT_ONCE = 5;
