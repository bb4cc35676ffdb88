import ipaddr from "ipaddr.js";

/**
 * Prefix lengths that one IPv6 customer may control, in bits: a home or a phone has a /64, a home router a /56, a site
 * a /48 (RFC 6177, RIPE-690). It could use another address for each request.
 */
const IPV6_PREFIXES = [64, 56, 48] as const;

/**
 * The networks that an address is counted by, narrowest first: `[address]` for IPv4, which is one customer already, and
 * `[/64, /56, /48]` in CIDR notation for IPv6. An IPv4-mapped IPv6 address (`::ffff:192.0.2.1`) is IPv4.
 * @param address an address, or a network in CIDR notation, of which the first address is used
 * @returns `[address]` unchanged if it is no address, such as `unknown`
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
/** The networks of recent addresses: they are asked for three times for each request. */
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
