import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Token } from "./token.ts";

const [KEY, FORMER, OTHER] = ["now", "former", "other"].map((name) => `${name}-0123456789-abcdefghijklmnopqrstuvwxyz`);
const USER = "01890000-0000-7000-8000-000000000001";
const SESSION = "01890000-0000-7000-8000-000000000002";
const START = Date.parse("2026-05-01T10:00:00Z");
let seconds = 0;
let back: () => void;

const use = (current = KEY, previous?: string) =>
  Config.use({ JWT_KEY: current ?? "", ...(previous === undefined ? {} : { JWT_KEY_PREVIOUS: previous }) });
beforeEach(() => {
  seconds = 0;
  use();
  back = Clock.set(() => new Date(START + seconds * 1000));
});
afterEach(() => {
  back();
  Config.use({});
});

const encode = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const kidOf = (key = KEY) => createHash("sha256").update(`kid:${key}`).digest("hex").slice(0, 16);
const HEADER = { alg: "HS256", typ: "at+jwt", kid: kidOf() };
const CLAIMS = {
  sid: SESSION,
  sub: USER,
  iss: "gotong-royong",
  aud: "gotong-royong-api",
  iat: START / 1000,
  exp: START / 1000 + 900,
};
const sign = (content: string, key = KEY) =>
  createHmac("sha256", key ?? "")
    .update(content)
    .digest("base64url");
/** Signs a token correctly, with any header and claims. */
function token(header: unknown = HEADER, claims: unknown = CLAIMS, key = KEY): string {
  const content = `${encode(header)}.${encode(claims)}`;
  return `${content}.${sign(content, key)}`;
}
const ACCESS = { userId: USER, sessionId: SESSION };

test("an access token is a JWT of RFC 9068 with exactly the expected claims, valid for 15 minutes", () => {
  const made = Token.signAccess(ACCESS);
  expect(made).toBe(token());
  expect(Token.verifyAccess(made)).toEqual(ACCESS);
  seconds = 899;
  expect(Token.verifyAccess(made)).toEqual(ACCESS);
  seconds = 900;
  expect(Token.verifyAccess(made)).toBeUndefined();
});

test("a token signed with the current or the previous key is valid, and new tokens are signed with the current key", () => {
  const old = Token.signAccess(ACCESS);
  use(OTHER, KEY);
  expect(Token.verifyAccess(old)).toEqual(ACCESS);
  expect(Token.signAccess(ACCESS)).toBe(token({ ...HEADER, kid: kidOf(OTHER) }, CLAIMS, OTHER));
  use(OTHER, FORMER);
  expect(Token.verifyAccess(old)).toBeUndefined();
});

test("an access token that was verified before is checked again for its signature, its key and its expiry", () => {
  const valid = Token.signAccess(ACCESS);
  expect(Token.verifyAccess(valid)).toEqual(ACCESS);
  for (const other of [
    `${valid.slice(0, -1)}~`,
    valid.slice(0, -1),
    `${valid}A`,
    `${valid}.x`,
    valid.slice(0, valid.lastIndexOf(".")),
  ])
    expect(Token.verifyAccess(other), other).toBeUndefined();
  use(OTHER);
  expect(Token.verifyAccess(valid)).toBeUndefined();
  use(OTHER, KEY);
  expect(Token.verifyAccess(valid)).toEqual(ACCESS);
  seconds = 900;
  expect(Token.verifyAccess(valid)).toBeUndefined();
});

test("a verified token stays in memory until 2,000 other tokens were verified, also when its key becomes the previous key", () => {
  const [one, other] = [ACCESS, { ...ACCESS, sessionId: "01890000-0000-7000-8000-000000000003" }].map(Token.signAccess);
  const kept = Token.verifyAccess(one ?? "");
  expect(kept).toEqual(ACCESS);
  expect(Token.verifyAccess(other ?? "")).toBeDefined();
  expect(Token.verifyAccess(one ?? "")).toBe(kept);
  use(OTHER, KEY);
  expect(Token.verifyAccess(one ?? "")).toBe(kept);
  for (let n = 0; n < 2_000; n += 1) {
    const access = { ...ACCESS, userId: `01890000-0000-7000-8000-${String(n).padStart(12, "0")}` };
    Token.verifyAccess(Token.signAccess(access));
  }
  const again = Token.verifyAccess(one ?? "");
  expect(again).toEqual(ACCESS);
  expect(again).not.toBe(kept);
});

test("a signed token with a further part between claims and signature is invalid", () => {
  const content = `${encode(HEADER)}.${encode(CLAIMS)}.${encode("more")}`;
  expect(Token.verifyAccess(`${content}.${sign(content)}`)).toBeUndefined();
});

test("an access token is still valid after 2,500 other tokens were verified", () => {
  const valid = Token.signAccess(ACCESS);
  for (let n = 0; n < 2_500; n += 1) {
    const access = { ...ACCESS, userId: `01890000-0000-7000-8000-${String(n).padStart(12, "0")}` };
    expect(Token.verifyAccess(Token.signAccess(access))).toEqual(access);
  }
  expect(Token.verifyAccess(valid)).toEqual(ACCESS);
});

test("access tokens are signed and verified with the current key even after twenty rotations", () => {
  for (let turn = 0; turn < 20; turn += 1) {
    const key = `${OTHER}${turn}`;
    use(key);
    expect(Token.signAccess(ACCESS)).toBe(token({ ...HEADER, kid: kidOf(key) }, CLAIMS, key));
    expect(Token.verifyAccess(Token.signAccess(ACCESS))).toEqual(ACCESS);
  }
});

test("a refresh token has 256 random bits, and one successor that only the server's key can compute", () => {
  expect(Buffer.from(Token.refresh(), "base64url")).toHaveLength(32);
  expect(Token.refresh()).toMatch(/^[\w-]{43}$/);
  expect(Token.refresh()).not.toBe(Token.refresh());
  expect(Token.successorOf("a")).toBe(
    createHmac("sha256", KEY ?? "")
      .update("refresh:a")
      .digest("base64url"),
  );
  use(OTHER);
  expect(Token.successorOf("a")).toBe(
    createHmac("sha256", OTHER ?? "")
      .update("refresh:a")
      .digest("base64url"),
  );
});

test("tokens are stored as SHA-256 hashes, and e-mail addresses as keyed hashes", () => {
  expect(Token.digest("a")).toBe(createHash("sha256").update("a").digest("hex"));
  expect(Token.addressHash("a@b.c")).toBe(
    createHmac("sha256", KEY ?? "")
      .update("address:a@b.c")
      .digest("hex"),
  );
});

describe("invalid access tokens", () => {
  const [header, claims, signature] = token().split(".");
  const { kid: _kid, ...noKid } = HEADER;
  const { exp: _exp, ...noExpiry } = CLAIMS;
  test.each([
    ["no token", ""],
    ["the first half of a token", `${header}.${claims}`],
    ["a token without signature", `${header}.${claims}.`],
    ["a token with a fourth part", `${token()}.x`],
    ["a shorter signature", token().slice(0, -1)],
    ["a longer signature", `${token()}A`],
    ["another signature", `${header}.${claims}.${sign("x")}`],
    ["other claims than those that were signed", `${header}.${encode({ ...CLAIMS, sub: SESSION })}.${signature}`],
    ["a signature of another key under this key's id", token(HEADER, CLAIMS, OTHER)],
    ["another key under its own id", token({ ...HEADER, kid: kidOf(OTHER) }, CLAIMS, OTHER)],
    ["a header without the key's id", token(noKid)],
    ["another algorithm", token({ ...HEADER, alg: "HS512" })],
    ["no algorithm", token({ ...HEADER, alg: "none" })],
    ["another type", token({ ...HEADER, typ: "JWT" })],
    ["a further header", token({ ...HEADER, crit: [] })],
    ["a header that is not JSON", token("{")],
    ["a header that is not Base64url", `${encode(HEADER)}=.${claims}.${sign(`${encode(HEADER)}=.${claims}`)}`],
    ["claims that are not JSON", token(HEADER, "{")],
    ["claims in standard Base64", `${header}.${claims}=.${sign(`${header}.${claims}=`)}`],
    ["a line break before the claims", `${header}.\n${claims}.${sign(`${header}.\n${claims}`)}`],
    ["no expiry", token(HEADER, noExpiry)],
    ["an expiry that is not a number", token(HEADER, { ...CLAIMS, exp: String(CLAIMS.exp) })],
    ["an expiry that is not an integer", token(HEADER, { ...CLAIMS, exp: CLAIMS.exp + 0.5 })],
    ["a time of issue that is not an integer", token(HEADER, { ...CLAIMS, iat: 0.5 })],
    ["another issuer", token(HEADER, { ...CLAIMS, iss: "x" })],
    ["another audience", token(HEADER, { ...CLAIMS, aud: "x" })],
    ["a subject that is not a UUID", token(HEADER, { ...CLAIMS, sub: `x${USER}` })],
    ["a session that is not a UUID", token(HEADER, { ...CLAIMS, sid: `${SESSION}x` })],
    ["a further claim", token(HEADER, { ...CLAIMS, roles: ["admin"] })],
  ])("an access token is rejected: %s", (_what, text) => {
    expect(Token.verifyAccess(text)).toBeUndefined();
  });
});
