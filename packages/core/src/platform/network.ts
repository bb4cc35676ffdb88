import ipaddr from "ipaddr.js";

/**
 * Prefix lengths that one IPv6 customer may have to itself, in bits: a home or a phone has a /64, a home's router a /56, and a
 * site a /48 (RFC 6177, RIPE-690). Each of them could use another address for each request.
 */
const IPV6_PREFIXES = [64, 56, 48] as const;

/**
 * The networks that an address is counted by, the narrowest first: `[address]` for IPv4, which is one customer's already, and
 * `[/64, /56, /48]` in CIDR notation for IPv6. An IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is IPv4.
 * @param address an address, or a network in CIDR notation, which is taken by its first address
 * @returns `[address]` unchanged for a text that is no address, such as `unknown`
 */
export function networksOf(address: string): readonly [narrowest: string, ...wider: string[]] {
  const [bare = ""] = address.split("/");
  if (!ipaddr.isValid(bare)) return [address];
  const parsed = ipaddr.process(bare);
  if (!(parsed instanceof ipaddr.IPv6)) return [parsed.toString()];
  const [narrowest, ...wider] = IPV6_PREFIXES;
  const network = (bits: number) => `${prefixOf(parsed, bits)}/${bits}`;
  return [network(narrowest), ...wider.map(network)];
}

/** The first address of the network, as RFC 5952 writes it. The zone of a link-local address is not a part of it. */
const prefixOf = ({ parts }: ipaddr.IPv6, bits: number) =>
  ipaddr.IPv6.networkAddressFromCIDR(`${new ipaddr.IPv6(parts).toNormalizedString()}/${bits}`).toString();

export * as Network from "./network.ts";
