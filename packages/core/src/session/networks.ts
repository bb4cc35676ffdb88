/** The prefixes at which failures of IPv6 are counted: a line, a customer, and a site (RFC 6177, RIPE-690). */
const PREFIX_BITS = [64, 56, 48] as const;

/**
 * The networks that an address lies in, the narrowest first: an IPv4 address alone, an IPv6 address as its /64, /56 and /48.
 * @param address an IPv4 address, or a /64 network of IPv6 with four full groups (`2001:db8:0:1::/64`)
 */
export function networksOf(address: string): readonly string[] {
  const groups = /^([0-9a-f]{1,4}(?::[0-9a-f]{1,4}){3})::\/64$/.exec(address)?.[1]?.split(":");
  if (!groups) return [address];
  const digits = groups.map((group) => group.padStart(4, "0")).join("");
  return PREFIX_BITS.map((bits) => `${digits.slice(0, bits / 4).padEnd(16, "0")}/${bits}`);
}

/**
 * An address as a member may see it in a list: enough to recognise a place, and not to find a line. IPv4 as /24, IPv6 as /48.
 * @returns null for what is no address
 */
export function coarse(address: string): string | null {
  const v4 = /^(\d+\.\d+\.\d+)\.\d+$/.exec(address)?.[1];
  if (v4 !== undefined) return `${v4}.0/24`;
  const v6 = /^([0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}):[0-9a-f]{1,4}::\/64$/.exec(address)?.[1];
  return v6 === undefined ? null : `${v6}::/48`;
}

export * as Networks from "./networks.ts";
