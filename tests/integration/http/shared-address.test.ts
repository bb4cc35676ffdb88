import { afterEach, beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Limit } from "@gotong/core/platform/limit/index.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";

// Mobile carriers put whole villages behind one IPv4 address (CGNAT, RFC 6888).
const platform = usePlatform({ workers: false });
const CARRIER = "203.0.113.7";
const village: Person[] = [];

beforeAll(async () => {
  for (let member = 0; member < 12; member += 1) village.push(await platform.person());
});
afterEach(() => Limit.forget());

function use(settings: Record<string, string>): void {
  Config.use({ ...platform.variables, ...settings });
  Limit.forget();
}
const ask = async (token?: string) =>
  platform.request("GET", "/v1/me", { address: CARRIER, ...(token === undefined ? {} : { token }) });
const statuses = async (...tokens: (string | undefined)[]) => {
  const found: number[] = [];
  for (const token of tokens) found.push((await ask(token)).status);
  return found;
};
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

test("members behind one shared address each have their own rate limit", async () => {
  use({ RATE_LIMIT_PER_MINUTE: "5" });
  const asked = village.flatMap(({ token }) => times(5, token));
  expect(new Set(await statuses(...asked))).toEqual(new Set([200]));
  const [first] = village;
  const refused = await ask(first?.token);
  expect([refused.status, refused.json["code"]]).toEqual([429, "RATE_LIMITED"]);
  expect(refused.headers.get("ratelimit-policy")).toBe('"member";q=5;w=60');
});

test("anonymous requests that use up an address's limit do not block members behind it; a forged token gets no member's limit", async () => {
  use({ RATE_LIMIT_PER_MINUTE: "3" });
  const [member] = village;
  const forged = `${member?.token.slice(0, -4)}AAAA`;
  expect(await statuses(undefined, forged, undefined, forged, undefined)).toEqual([401, 401, 401, 429, 429]);
  expect(await statuses(member?.token)).toEqual([200]);
});

test("the members of one address share a higher rate limit, which stops one person with many accounts", async () => {
  use({ RATE_LIMIT_PER_MINUTE: "5", RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: "20" });
  const answers = await statuses(...village.flatMap(({ token }) => times(2, token)));
  expect(answers).toEqual([...times(20, 200), ...times(4, 429)]);
  const refused = await ask(village[0]?.token);
  expect(refused.headers.get("ratelimit-policy")).toBe('"members of an address";q=20;w=60');
  const elsewhere = await platform.request("GET", "/v1/me", {
    address: "198.51.100.9",
    token: village[0]?.token ?? "",
  });
  expect(elsewhere.status).toBe(200);
});
