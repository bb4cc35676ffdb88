import ipaddr from "ipaddr.js";

/**
 * Returns one of the 256 /64 networks of a /56 network.
 * @param block in AWS's notation, such as `2600:1f18:1234:5600::/56`; zeros may be abbreviated anywhere
 * @param index 0–255
 * @throws Error if `block` is not a /56 network
 */
export function subnetOf(block: string, index: number): string {
  const [address, prefix] = ipaddr.parseCIDR(block);
  if (!(address instanceof ipaddr.IPv6) || prefix !== 56) throw new Error(`${block} is no IPv6 network of 56 bits`);
  if (!Number.isInteger(index) || index < 0 || index > 255) throw new Error(`a /56 has no subnet ${index}`);
  const bytes = address.toByteArray();
  const subnet = new ipaddr.IPv6([...bytes.slice(0, 7), index, ...Array.from({ length: 8 }, () => 0)]);
  return `${subnet.toString()}/64`;
}
