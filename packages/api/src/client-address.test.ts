import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { clientAddress } from "./client-address.ts";

const app = new Hono().get("/", async (c) => c.text(await clientAddress(c)));
const ask = async (env: object, headers: Record<string, string> = {}) =>
  (await app.request("/", { headers }, env)).text();
const lambda = { event: { requestContext: { http: { sourceIp: "198.51.100.9" } } } };
const server = { incoming: { socket: { remoteAddress: "192.0.2.7" } } };
const trust = (header: string) => Config.use({ CLIENT_ADDRESS_HEADER: header });
afterEach(() => Config.use({}));

test("the client address is the address of the connection's peer, or the address in the trusted header", async () => {
  expect(await ask(server)).toBe("192.0.2.7");
  expect(await ask(lambda)).toBe("198.51.100.9");
  expect(await ask({})).toBe("unknown");
  trust("x-viewer-address");
  expect(await ask(lambda, { "x-viewer-address": "203.0.113.5" })).toBe("203.0.113.5");
  expect(await ask(lambda)).toBe("198.51.100.9");
  trust("CloudFront-Viewer-Address");
  expect(await ask(lambda, { "cloudfront-viewer-address": "203.0.113.5:46532" })).toBe("203.0.113.5");
});

test("all addresses of an IPv6 /64 count as one client address", async () => {
  trust("cloudfront-viewer-address");
  const viewer = (address: string) => ask(lambda, { "cloudfront-viewer-address": `${address}:46532` });
  expect(await viewer("2001:db8:1:2:aaaa:bbbb:cccc:dddd")).toBe("2001:db8:1:2::/64");
  expect(await viewer("2001:db8:1:2::1")).toBe("2001:db8:1:2::/64");
  expect(await viewer("2001:db8::1")).toBe("2001:db8::/64");
  expect(await ask({ incoming: { socket: { remoteAddress: "::ffff:192.0.2.7" } } })).toBe("192.0.2.7");
  expect(await ask({ incoming: { socket: { remoteAddress: "::1" } } })).toBe("::/64");
});

test("untrusted headers do not set the client address, neither on a server nor in a function", async () => {
  for (const header of ["x-forwarded-for", "x-real-ip", "forwarded", "cloudfront-viewer-address", "x-viewer-address"]) {
    expect(await ask(server, { [header]: "203.0.113.5:1" })).toBe("192.0.2.7");
    expect(await ask(lambda, { [header]: "203.0.113.5:1" })).toBe("198.51.100.9");
  }
});
