import { expect, test } from "vitest";
import { Network } from "./network.ts";

test.each([
  ["192.0.2.7", ["192.0.2.7"]],
  ["::ffff:192.0.2.7", ["192.0.2.7"]],
  ["::FFFF:c000:0207", ["192.0.2.7"]],
  ["2001:db8:1:2ff:aaaa:bbbb:cccc:dddd", ["2001:db8:1:2ff::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"]],
  ["2001:DB8:1:2ff::1", ["2001:db8:1:2ff::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"]],
  ["2001:db8:1:2ff::/64", ["2001:db8:1:2ff::/64", "2001:db8:1:200::/56", "2001:db8:1::/48"]],
  ["2001:db8::1", ["2001:db8::/64", "2001:db8::/56", "2001:db8::/48"]],
  ["fe80::1%eth0", ["fe80::/64", "fe80::/56", "fe80::/48"]],
  ["::1", ["::/64", "::/56", "::/48"]],
  ["unknown", ["unknown"]],
  ["", [""]],
  ["1.2.3.4.5", ["1.2.3.4.5"]],
])("requests from the address %s count towards the limits of the networks %j", (address, networks) => {
  expect(Network.networksOf(address)).toEqual(networks);
});
