import dns from "node:dns";
import { isIP } from "node:net";
import type { Stage } from "./stage-shape.ts";

type Resolve6 = (host: string) => Promise<readonly string[]>;
const TRIES = 3;

/**
 * Why the functions of a stage could not reach Markov; undefined when they can. A stage that leaves over IPv6 alone needs an AAAA record:
 * without one every read of a reputation would wait 3 s for nothing.
 * @param resolve6 looks up AAAA records, as `dns.promises.resolve6` does
 */
export async function unreachableMarkov(
  { egress }: Pick<Stage, "egress">,
  markovUrl: string,
  resolve6: Resolve6 = (host) => dns.promises.resolve6(host),
): Promise<string | undefined> {
  if (egress !== "ipv6") return undefined;
  const host = new URL(markovUrl).hostname.replaceAll(/[[\]]/g, "");
  const wayOut =
    "Set GOTONG_EGRESS=nat-instance, which costs about $7 a month, or ask Markov's operators for an AAAA record.";
  if (isIP(host) === 6) return undefined;
  if (isIP(host) === 4) return `${host} is an IPv4 address, and this stage leaves over IPv6 alone. ${wayOut}`;
  const found = await lookUp(host, resolve6);
  if (found === "none") return `${host} has no IPv6 address, and this stage leaves over IPv6 alone. ${wayOut}`;
  return found === "found"
    ? undefined
    : `the IPv6 address of ${host} could not be looked up (${found.failed}): try again`;
}

async function lookUp(host: string, resolve6: Resolve6): Promise<"found" | "none" | { readonly failed: string }> {
  let failed = "";
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      return (await resolve6(host)).length > 0 ? "found" : "none";
    } catch (error) {
      failed = error instanceof Error && "code" in error ? String(error.code) : String(error);
      // The name exists without such a record, or does not exist: a retry would not help.
      if (failed === "ENODATA" || failed === "ENOTFOUND") return "none";
    }
  }
  return { failed };
}
