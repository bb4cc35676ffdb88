import dns from "node:dns";
import { isIP } from "node:net";
import type { Stage } from "./stage-shape.ts";

type Resolve = (host: string) => Promise<readonly string[]>;
const TRIES = 3;

interface Resolvers {
  /** Resolves AAAA records, like `dns.promises.resolve6`. */
  readonly resolve6: Resolve;
  /** Resolves A records, like `dns.promises.resolve4`. */
  readonly resolve4: Resolve;
}
const ofThisMachine: Resolvers = {
  resolve6: (host) => dns.promises.resolve6(host),
  resolve4: (host) => dns.promises.resolve4(host),
};

/**
 * Returns the reason why the functions of a stage could not reach Markov; undefined if they can. The senders run
 * outside of the VPC, where Lambda has only IPv4, so every stage needs an A record. A stage whose egress is IPv6 also
 * needs an AAAA record: without it, every read of a reputation would wait 3 s in vain.
 */
export async function unreachableMarkov(
  { egress }: Pick<Stage, "egress">,
  markovUrl: string,
  resolvers: Resolvers = ofThisMachine,
): Promise<string | undefined> {
  const host = new URL(markovUrl).hostname.replaceAll(/[[\]]/g, "");
  const remedy =
    "Set GOTONG_EGRESS=nat-instance, which costs about $7 a month, or ask Markov's operators for an AAAA record.";
  const noIpv4 = "and workers deliver over IPv4 alone. Ask Markov's operators for a name with an A record.";
  if (isIP(host) === 6) return `${host} is an IPv6 address, ${noIpv4}`;
  if (isIP(host) === 4)
    return egress === "ipv6"
      ? `${host} is an IPv4 address, and this stage leaves over IPv6 alone. ${remedy}`
      : undefined;
  const unknown = (failed: string) => `the address of ${host} could not be looked up (${failed}): try again`;
  const ipv4 = await lookUp(host, resolvers.resolve4);
  if (ipv4 === "none") return `${host} has no IPv4 address, ${noIpv4}`;
  if (ipv4 !== "found") return unknown(ipv4.failed);
  if (egress !== "ipv6") return undefined;
  const ipv6 = await lookUp(host, resolvers.resolve6);
  if (ipv6 === "none") return `${host} has no IPv6 address, and this stage leaves over IPv6 alone. ${remedy}`;
  return ipv6 === "found" ? undefined : unknown(ipv6.failed);
}

async function lookUp(host: string, resolve: Resolve): Promise<"found" | "none" | { readonly failed: string }> {
  let failed = "";
  for (let tries = 0; tries < TRIES; tries += 1) {
    try {
      return (await resolve(host)).length > 0 ? "found" : "none";
    } catch (error) {
      failed = error instanceof Error && "code" in error ? String(error.code) : String(error);
      // The name has no such record, or does not exist, so a retry would not help.
      if (failed === "ENODATA" || failed === "ENOTFOUND") return "none";
    }
  }
  return { failed };
}
