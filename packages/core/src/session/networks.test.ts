import { expect, test } from "vitest";
import { Networks } from "./networks.ts";

test("an IPv6 network counts as its /64, /56 and /48, and an IPv4 address as itself", () => {
  expect(Networks.networksOf("203.0.113.7")).toEqual(["203.0.113.7"]);
  expect(Networks.networksOf("unknown")).toEqual(["unknown"]);
  const [line, customer, site] = Networks.networksOf("2001:db8:1:2ff::/64");
  expect([line, customer, site]).toEqual(["20010db8000102ff/64", "20010db800010200/56", "20010db800010000/48"]);
  expect(Networks.networksOf("2001:db8:1:200::/64").slice(1)).toEqual([customer, site]);
  expect(Networks.networksOf("2001:db8:1:300::/64")[1]).not.toBe(customer);
  expect(Networks.networksOf("2001:db8:2:2ff::/64")[2]).not.toBe(site);
});

test("a list shows where an address is and not whose it is", () => {
  expect(Networks.coarse("203.0.113.7")).toBe("203.0.113.0/24");
  expect(Networks.coarse("2001:db8:1:2ff::/64")).toBe("2001:db8:1::/48");
  expect(Networks.coarse("unknown")).toBeNull();
});
