import ipaddr from "ipaddr.js";

/**
 * Lengths in bits of the prefixes that one IPv6 customer may control: a home or a phone has a /64, a home router a /56, a site a /48
 * (RFC 6177, RIPE-690). Such a customer could use a different address for each request.
 */
const IPV6_PREFIXES = [64, 56, 48] as const;

/**
 * The networks by which an address is counted, narrowest first: `[address]` for IPv4, where one address is one customer, and
 * `[/64, /56, /48]` in CIDR notation for IPv6. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is IPv4.
 * @param address an address, or a network in CIDR notation, of which the first address is used
 * @returns `[address]` unchanged if it is not an address, such as `unknown`
 */
export function networksOf(address: string): Networks {
  const known = recent.get(address);
  if (known) return known;
  const networks = parse(address);
  if (recent.size >= RECENT) recent.clear();
  if (address.length < ADDRESS_CHARACTERS) recent.set(address, networks);
  return networks;
}

type Networks = readonly [narrowest: string, ...wider: string[]];
/** Cache of the networks of recent addresses, which each request looks up three times. */
const recent = new Map<string, Networks>();
const RECENT = 1_000;
const ADDRESS_CHARACTERS = 64;

function parse(address: string): Networks {
  const [bare = ""] = address.split("/");
  if (!ipaddr.isValid(bare)) return [address];
  const parsed = ipaddr.process(bare);
  if (!(parsed instanceof ipaddr.IPv6)) return [parsed.toString()];
  const [narrowest, ...wider] = IPV6_PREFIXES;
  const network = (bits: number) => `${prefixOf(parsed, bits)}/${bits}`;
  return [network(narrowest), ...wider.map(network)];
}

/** The first address of the network, in the form of RFC 5952. The zone of a link-local address is ignored. */
const prefixOf = ({ parts }: ipaddr.IPv6, bits: number) =>
  ipaddr.IPv6.networkAddressFromCIDR(`${new ipaddr.IPv6(parts).toNormalizedString()}/${bits}`).toString();

export * as Network from "./network.ts";
