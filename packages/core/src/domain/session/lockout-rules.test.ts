import { afterAll, beforeAll, expect, test } from "vitest";
import { Config } from "../../platform/config.ts";
import { type Counter, FOR_GOOD, LockoutRules } from "./lockout-rules.ts";

const { accountKeys, codeCounter, codeKey, countersOf, growing, knownKey, policy } = LockoutRules;

beforeAll(() =>
  Config.use({
    JWT_KEY: "k".repeat(20) + "0123456789abcdef",
    LOGIN_LIMIT_PER_15_MINUTES: "5",
    LOGIN_FAILURES_PER_ADDRESS: "50",
    LOGIN_FAILURES_PER_ACCOUNT: "100",
  }),
);
afterAll(() => Config.use({}));

const NOW = new Date("2026-05-01T10:07:00Z");
const EMAIL = "sari@example.org";
const of = (address: string, isKnown = false, email = EMAIL, at = NOW) => countersOf(address, email, isKnown, at);
const shapes = (counters: readonly Counter[]) =>
  counters.map(({ kind, limit, keptSeconds }) => `${kind} ${limit} ${keptSeconds}`);
const keys = (counters: readonly Counter[]) => counters.map(({ key }) => key);
const locks = (counter: Counter | undefined, ...failures: number[]) =>
  failures.map((count) => counter?.lockSeconds(count));
const common = (a: readonly Counter[], b: readonly Counter[]) =>
  a.filter(({ key }) => keys(b).includes(key)).map(({ kind }) => kind);
const YEAR = 365 * 86_400;

test("lock times of failed logins start at one minute at the limit, double with each failure, and never exceed 15 minutes", () => {
  expect([1, 4, 5, 6, 7, 8, 9, 10, 1000].map((failures) => growing(failures, 5, 60))).toEqual([
    0, 0, 60, 120, 240, 480, 900, 900, 900,
  ]);
  expect([24, 25, 26].map((failures) => growing(failures, 5, 0.001))).toEqual([0.001 * 2 ** 19, 900, 900]);
});

test("LOGIN_LIMIT_PER_15_MINUTES is the number of failed logins allowed for one address on one account", () => {
  expect(policy()).toEqual({ limit: 5, windowSeconds: 900 });
});

test("a failed login from an unknown IPv4 address counts for the address on the account, for the address, and for the account", () => {
  expect(shapes(of("203.0.113.7"))).toEqual(["pair 5 900", "address 50 900", `account 10 ${YEAR}`]);
  for (const key of keys(of("203.0.113.7"))) expect(key).toMatch(/^[0-9a-f]{64}$/);
});

test("5 failed logins lock an address on one account, 10 the account, 50 the address, and 80 the account until a password reset", () => {
  const [pair, address, account] = of("203.0.113.7");
  expect(locks(pair, 4, 5, 6)).toEqual([0, 60, 120]);
  expect(locks(address, 49, 50, 51)).toEqual([0, 480, 480]);
  expect(locks(account, 9, 10, 11, 79, 80)).toEqual([0, 1, 2, 900, FOR_GOOD]);
});

test("failed logins on one account share a counter; failed logins from one IPv4 address share one for a quarter of an hour", () => {
  const here = of("203.0.113.7");
  expect(common(here, of("203.0.113.7"))).toEqual(["pair", "address", "account"]);
  expect(common(here, of("203.0.113.8"))).toEqual(["account"]);
  expect(common(here, of("203.0.113.7", false, "dewi@example.org"))).toEqual(["address"]);
  const at = (time: string) => of("203.0.113.7", false, "dewi@example.org", new Date(time));
  expect(common(here, at("2026-05-01T10:14:59Z"))).toEqual(["address"]);
  expect(common(here, at("2026-05-01T10:15:00Z"))).toEqual([]);
});

test("failed logins from known and from unknown addresses are counted separately for an account", () => {
  const counters = of("203.0.113.7", true);
  expect(shapes(counters)).toEqual(["pair 5 900", `account 10 ${YEAR}`]);
  expect(locks(counters[1], 9, 10, 19, 20)).toEqual([0, 1, 512, FOR_GOOD]);
  expect(common(counters, of("203.0.113.7"))).toEqual(["pair"]);
});

test("failed logins from IPv6 are counted by /64, /56 and /48 with growing limits, from known networks only by /64 and /56", () => {
  expect(shapes(of("2001:db8:0:1::5"))).toEqual([
    "pair 5 900",
    "pair 10 900",
    "pair 20 900",
    "address 50 900",
    "address 100 900",
    "address 200 900",
    `account 10 ${YEAR}`,
  ]);
  expect(shapes(of("2001:db8:0:1::5", true))).toEqual(["pair 5 900", "pair 10 900", `account 10 ${YEAR}`]);
  expect(common(of("2001:db8:0:1::5"), of("2001:db8:0:2::5"))).toHaveLength(5);
  expect(common(of("2001:db8:0:1::5"), of("2001:db8:1:1::5"))).toHaveLength(1);
});

test("a known address is one IPv4 address, or one IPv6 /56, of one account", () => {
  expect(knownKey("203.0.113.7", EMAIL)).toBe(knownKey("203.0.113.7", EMAIL));
  const others = [knownKey("203.0.113.8", EMAIL), knownKey("203.0.113.7", "dewi@example.org")];
  expect(others).not.toContain(knownKey("203.0.113.7", EMAIL));
  expect(knownKey("2001:db8:0:1::5", EMAIL)).toBe(knownKey("2001:db8:0:2::9", EMAIL));
  expect(knownKey("2001:db8:0:1::5", EMAIL)).not.toBe(knownKey("2001:db8:0:101::5", EMAIL));
});

test("accountKeys() returns the keys of an account's two failure counters, and no two keys of the lockout are equal", () => {
  const [strangers, known] = accountKeys(EMAIL);
  expect(strangers).toBe(of("203.0.113.7").at(-1)?.key);
  expect(known).toBe(of("203.0.113.7", true).at(-1)?.key);
  const all = [...keys(of("203.0.113.7")), known, codeKey(EMAIL), knownKey("203.0.113.7", EMAIL)];
  expect(new Set(all).size).toBe(all.length);
});

test("5 wrong second factors lock an account for a minute, each further one for longer, and 100 until the password is reset", () => {
  const counter = codeCounter(EMAIL);
  expect([counter.key, counter.kind, counter.limit, counter.keptSeconds]).toEqual([codeKey(EMAIL), "account", 5, YEAR]);
  expect(locks(counter, 4, 5, 6, 99, 100)).toEqual([0, 60, 120, 900, FOR_GOOD]);
});

test("with a limit of 10 failures, 8 from unknown or 2 from known addresses lock an account permanently, without earlier delays", () => {
  Config.use({ JWT_KEY: "k".repeat(20) + "0123456789abcdef", LOGIN_FAILURES_PER_ACCOUNT: "10" });
  expect(locks(of("203.0.113.7").at(-1), 7, 8)).toEqual([0, FOR_GOOD]);
  expect(of("203.0.113.7").at(-1)?.limit).toBe(8);
  expect(locks(of("203.0.113.7", true).at(-1), 1, 2)).toEqual([0, FOR_GOOD]);
});
