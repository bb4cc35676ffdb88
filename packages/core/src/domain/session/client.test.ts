import { expect, test } from "vitest";
import { describe } from "./client.ts";

test.each([
  [
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.6778.39 Mobile Safari/537.36",
    "Chrome on Android",
  ],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
    "Safari on iOS",
  ],
  ["Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox on Windows"],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36 Edg/131.0",
    "Edge on Windows",
  ],
  [
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/150.0.0.0 Safari/537.36",
    "Chrome on Linux",
  ],
  ["okhttp/4.12.0 Android", "Android"],
  ["curl/8.5.0", null],
  ["", null],
  [`${"x".repeat(500)} Firefox/1`, null],
])("the device %j is described by browser and system, without model or version", (userAgent, device) => {
  expect(describe({ address: "unknown", userAgent })).toEqual({ device, network: null });
});

test("a session shows, instead of its client address, a network that many people share", () => {
  const networkOf = (address: string) => describe({ address, userAgent: "" }).network;
  expect(networkOf("203.0.113.7")).toBe("203.0.113.0/24");
  expect(networkOf("2001:db8:1:2ff::/64")).toBe("2001:db8:1::/48");
  expect(networkOf("unknown")).toBeNull();
});
