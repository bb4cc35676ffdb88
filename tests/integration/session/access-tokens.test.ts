import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Token } from "@gotong/core/domain/session/token.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });
afterEach(() => Config.use(platform.variables));

const base64 = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const key = () => platform.variables["JWT_KEY"] ?? "";
const kidOf = (secret: string) => createHash("sha256").update(`kid:${secret}`).digest("hex").slice(0, 16);
const hmac = (algorithm: string, secret: string | Buffer, text: string) =>
  createHmac(algorithm, secret).update(text).digest("base64url");

type Claims = Readonly<Record<string, unknown>>;
const seconds = () => Math.floor(Date.now() / 1000);
const header = (): Claims => ({ alg: "HS256", typ: "at+jwt", kid: kidOf(key()) });
const sessionOf = (token: string): unknown =>
  JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()).sid;
const claims = (person: Person): Claims => ({
  sub: person.id,
  sid: sessionOf(person.token),
  iss: "gotong-royong",
  aud: "gotong-royong-api",
  iat: seconds(),
  exp: seconds() + 900,
});

/** Signs a token with the correct key, with any header and claims. */
function signed(head: Claims, body: Claims | string, secret: string | Buffer = key(), algorithm = "sha256"): string {
  const text = `${base64(head)}.${base64(body)}`;
  return `${text}.${hmac(algorithm, secret, text)}`;
}

const without = (from: Claims, ...names: string[]) =>
  Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ec = generateKeyPairSync("ec", { namedCurve: "P-256" });
const rsaPublic = rsa.publicKey.export({ type: "spki", format: "pem" }).toString();

type Forge = (person: Person, other: Person) => string;
const unsigned =
  (alg: unknown): Forge =>
  (p) =>
    `${base64({ ...header(), alg })}.${base64(claims(p))}.`;
const withHeader =
  (change: Claims): Forge =>
  (p) =>
    signed({ ...header(), ...change }, claims(p));
const withClaims =
  (change: () => Claims): Forge =>
  (p) =>
    signed(header(), { ...claims(p), ...change() });
const real: Forge = (p) => p.token;
const parts = (token: string) => token.split(".");

const ATTACKS: readonly (readonly [name: string, forge: Forge])[] = [
  ["the alg none and no signature", unsigned("none")],
  ["alg None", unsigned("None")],
  ["alg NONE", unsigned("NONE")],
  ["the alg nOnE", unsigned("nOnE")],
  [
    "the alg none and the signature of a valid token",
    (p) => `${base64({ ...header(), alg: "none" })}.${base64(claims(p))}.${parts(p.token)[2]}`,
  ],
  ["a missing alg", (p) => signed(without(header(), "alg"), claims(p))],
  ["an empty alg", withHeader({ alg: "" })],
  ["the alg null", withHeader({ alg: null })],
  ["a list as alg", withHeader({ alg: ["HS256"] })],
  ["an alg in lower case", withHeader({ alg: "hs256" })],
  ["the alg HS384 and the right key", (p) => signed({ ...header(), alg: "HS384" }, claims(p), key(), "sha384")],
  ["the alg HS512 and the right key", (p) => signed({ ...header(), alg: "HS512" }, claims(p), key(), "sha512")],
  [
    "the alg RS256 and an attacker's key",
    (p) => {
      const text = `${base64({ ...header(), alg: "RS256" })}.${base64(claims(p))}`;
      return `${text}.${sign("sha256", Buffer.from(text), rsa.privateKey).toString("base64url")}`;
    },
  ],
  [
    "the alg ES256 and an attacker's key",
    (p) => {
      const text = `${base64({ ...header(), alg: "ES256" })}.${base64(claims(p))}`;
      return `${text}.${sign("sha256", Buffer.from(text), { key: ec.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
    },
  ],
  ["the alg HS256 and a public key as the secret", (p) => signed(header(), claims(p), rsaPublic)],
  ["a signature by an empty secret", (p) => signed(header(), claims(p), Buffer.alloc(1))],
  ["a signature by the key id as the secret", (p) => signed(header(), claims(p), kidOf(key()))],
  [
    "a signature by the webhook secret",
    (p) => signed(header(), claims(p), platform.variables["GOTONG_ROYONG_WEBHOOK_SECRET"] ?? ""),
  ],
  ["a signature by another secret", (p) => signed(header(), claims(p), randomBytes(32))],
  ["a missing kid", (p) => signed(without(header(), "kid"), claims(p))],
  ["an unknown kid", withHeader({ kid: "0000000000000000" })],
  ["an empty kid", withHeader({ kid: "" })],
  ["a path as kid", (p) => signed({ ...header(), kid: "../../../../dev/null" }, claims(p), Buffer.alloc(1))],
  ["kid SQL", (p) => signed({ ...header(), kid: "x' union select 'secret' --" }, claims(p), "secret")],
  ["a URL as kid", withHeader({ kid: "https://evil.example/key" })],
  ["an object as kid", withHeader({ kid: { $ne: null } })],
  ["kid __proto__", withHeader({ kid: "__proto__" })],
  ["the kid of an attacker's secret", (p) => signed({ ...header(), kid: kidOf("mine") }, claims(p), "mine")],
  [
    "a jwk in the header",
    (p) => {
      const secret = randomBytes(32);
      const jwk = { kty: "oct", k: secret.toString("base64url") };
      return signed({ ...without(header(), "kid"), jwk }, claims(p), secret);
    },
  ],
  [
    "a jku in the header",
    (p) => signed({ ...header(), jku: "https://evil.example/jwks.json", kid: "evil" }, claims(p), "mine"),
  ],
  [
    "an x5u in the header",
    (p) => signed({ ...header(), x5u: "https://evil.example/x.pem", kid: "evil" }, claims(p), "mine"),
  ],
  ["an unknown critical extension", withHeader({ crit: ["exp2"], exp2: 1 })],
  ["an unencoded payload", (p) => signed({ ...header(), b64: false, crit: ["b64"] }, claims(p))],
  ["typ JWT", withHeader({ typ: "JWT" })],
  ["a missing typ", (p) => signed(without(header(), "typ"), claims(p))],
  ["the typ of a refresh token", withHeader({ typ: "rt+jwt" })],
  ["the iss of another issuer", withClaims(() => ({ iss: "https://evil.example" }))],
  ["a missing iss", (p) => signed(header(), without(claims(p), "iss"))],
  ["a prefix of our iss", withClaims(() => ({ iss: "gotong" }))],
  ["the aud of another service", withClaims(() => ({ aud: "another-api" }))],
  ["a missing aud", (p) => signed(header(), without(claims(p), "aud"))],
  ["an empty list as aud", withClaims(() => ({ aud: [] }))],
  ["an exp a second ago", withClaims(() => ({ exp: seconds() - 1 }))],
  ["the present second as exp", withClaims(() => ({ exp: seconds() }))],
  ["a missing exp", (p) => signed(header(), without(claims(p), "exp"))],
  ["a string as exp", withClaims(() => ({ exp: String(seconds() + 900) }))],
  ["the exp 1, in 1970", withClaims(() => ({ exp: 1 }))],
  ["the exp null", withClaims(() => ({ exp: null }))],
  ["an nbf in an hour", withClaims(() => ({ nbf: seconds() + 3600 }))],
  ["a missing iat", (p) => signed(header(), without(claims(p), "iat"))],
  ["a missing sub", (p) => signed(header(), without(claims(p), "sub"))],
  ["a sub without an account", withClaims(() => ({ sub: "01890000-0000-7000-8000-000000000000" }))],
  ["a sub that is no id", withClaims(() => ({ sub: "' or 1=1 --" }))],
  ["a list as sub", withClaims(() => ({ sub: ["a"] }))],
  ["a missing sid", (p) => signed(header(), without(claims(p), "sid"))],
  ["a sid without a session", withClaims(() => ({ sid: "01890000-0000-7000-8000-000000000000" }))],
  ["a sid that is no id", withClaims(() => ({ sid: "' or 1=1 --" }))],
  [
    "the sid of another member's session",
    (p, other) => signed(header(), { ...claims(p), sid: sessionOf(other.token) }),
  ],
  [
    "another member's claims and a valid signature of other claims",
    (p, other) => `${parts(p.token)[0]}.${parts(other.token)[1]}.${parts(p.token)[2]}`,
  ],
  ["a changed bit in its signature", (p) => real(p, p).replace(/.$/, "") + (p.token.endsWith("A") ? "Q" : "A")],
  ["no signature", (p) => `${parts(p.token)[0]}.${parts(p.token)[1]}.`],
  ["two parts only", (p) => parts(p.token).slice(0, 2).join(".")],
  ["five parts, like an encrypted token", (p) => `${p.token}.a.b`],
  ["claims that are not JSON", () => signed(header(), "not json")],
  ["claims that are a list", () => signed(header(), "[1]")],
  ["the form of a refresh token", (p) => p.refreshToken],
  ["8,000 characters", () => `a.${"b".repeat(8_000)}.c`],
  ["a second copy of the token after a comma", (p) => `${p.token}, Bearer ${p.token}`],
];

test("the table of attacks on the access token has at least forty rows", () => {
  expect(ATTACKS.length).toBeGreaterThanOrEqual(40);
});

test.for(ATTACKS)("an access token with %s is rejected", async ([, forge]) => {
  const [person, other] = [await platform.person(), await platform.person()];
  expect((await person.get("/v1/me")).status).toBe(200);
  const answer = await platform.request("GET", "/v1/me", { token: forge(person, other) });
  expect([answer.status, answer.json["code"]]).toEqual([401, "UNAUTHENTICATED"]);
  expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer/);
});

test.each(["XBearer", "Bearer Bearer", "Basic", ""])("an access token preceded by %j is rejected", async (scheme) => {
  const { token } = await platform.person();
  const headers = { authorization: `${scheme} ${token}`.trim() };
  expect((await platform.request("GET", "/v1/me", { headers })).status).toBe(401);
});

test.each([".a", " a", ",a"])("an access token followed by %j is rejected", async (more) => {
  const { token } = await platform.person();
  expect((await platform.request("GET", "/v1/me", { token: `${token}${more}` })).status).toBe(401);
});

test("an access token that the test itself builds, without any fault, is accepted", async () => {
  const person = await platform.person();
  const answer = await platform.request("GET", "/v1/me", { token: signed(header(), claims(person)) });
  expect(answer.status).toBe(200);
});

test("an access token is accepted in its last second and rejected in the next", async () => {
  const person = await platform.person();
  const start = Date.now();
  const at = (offset: number) => Clock.set(() => new Date(start + offset * 1000));
  let back = at(898);
  expect((await person.get("/v1/me")).status).toBe(200);
  back();
  back = at(901);
  expect((await person.get("/v1/me")).status).toBe(401);
  back();
});

test("a former signing key is accepted during the rotation and rejected after it, and new tokens use the new key", async () => {
  const person = await platform.person();
  const newKey = randomBytes(32).toString("hex");
  Config.use({ ...platform.variables, JWT_KEY: newKey, JWT_KEY_PREVIOUS: key() });
  expect((await person.get("/v1/me")).status).toBe(200);
  const renewed = String((await refresh(person.refreshToken)).json["access_token"]);
  const head = JSON.parse(Buffer.from(parts(renewed)[0] ?? "", "base64url").toString());
  expect(head).toMatchObject({ kid: kidOf(newKey), alg: "HS256", typ: "at+jwt" });
  Config.use({ ...platform.variables, JWT_KEY: newKey });
  expect((await person.get("/v1/me")).status).toBe(401);
});

const refresh = (token: string) => platform.request("POST", "/v1/auth/refresh", { body: { refresh_token: token } });
const after = async <T>(offset: number, work: () => Promise<T>): Promise<T> => {
  const back = Clock.set(() => new Date(Date.now() + offset * 1000));
  try {
    return await work();
  } finally {
    back();
  }
};
const next = async (token: string) => String((await refresh(token)).json["refresh_token"]);

test("20 concurrent refreshes with one token return the same successor, and the session continues", async () => {
  const person = await platform.person();
  const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(person.refreshToken)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const successors = new Set(answers.map(({ json }) => String(json["refresh_token"])));
  expect(successors.size).toBe(1);
  const rows = await platform.sql`select used_at, revoked_at from refresh_tokens where user_id = ${person.id}`;
  expect(rows.length).toBe(2);
  expect((await refresh([...successors][0] ?? "")).status).toBe(200);
});

test("a refresh token reused after the grace period revokes its whole session, and no other", async () => {
  const person = await platform.person();
  const login = await platform.request("POST", "/v1/auth/login", {
    body: { email: person.email, password: person.password },
  });
  const second = await next(person.refreshToken);
  const third = await after(60, () => next(second));
  expect((await after(120, () => refresh(person.refreshToken))).status).toBe(401);
  for (const token of [person.refreshToken, second, third])
    expect((await after(121, () => refresh(token))).status).toBe(401);
  expect((await refresh(String(login.json["refresh_token"]))).status).toBe(200);
});

test("within the grace period a used refresh token returns the same successor; one second later it counts as theft", async () => {
  const person = await platform.person();
  const successor = await next(person.refreshToken);
  expect(await after(9, () => next(person.refreshToken))).toBe(successor);
  expect((await after(12, () => refresh(person.refreshToken))).status).toBe(401);
  expect((await refresh(successor)).status).toBe(401);
});

const DEAD: readonly (readonly [string, (person: Person) => Promise<string> | string])[] = [
  ["the stored hash of the token", (p) => Token.digest(p.refreshToken)],
  ["a random token", () => randomBytes(32).toString("base64url")],
  ["the token with a space", (p) => `${p.refreshToken} `],
  ["the token in lower case", (p) => p.refreshToken.toLowerCase()],
  ["half of the token", (p) => p.refreshToken.slice(0, 20)],
  ["a successor that was not issued yet", (p) => Token.successorOf(p.refreshToken)],
  [
    "a token of a revoked session",
    async (p) => {
      await platform.request("POST", "/v1/auth/logout", { body: { refresh_token: p.refreshToken } });
      return p.refreshToken;
    },
  ],
  [
    "a token of a deleted account",
    async (p) => {
      expect((await p.send("DELETE", "/v1/me", { password: p.password })).status).toBe(204);
      return p.refreshToken;
    },
  ],
];

test.for(DEAD)("a refresh with %s is rejected", async ([, forge]) => {
  const person = await platform.person();
  const answer = await refresh(await forge(person));
  expect([answer.status, answer.json["code"]]).toEqual([401, "INVALID_REFRESH_TOKEN"]);
});

test("revoking a session, by logout or by reuse of an old refresh token, invalidates its access tokens and no others", async () => {
  const person = await platform.person();
  const login = () =>
    platform.request("POST", "/v1/auth/login", { body: { email: person.email, password: person.password } });
  const me = async (token: unknown) => (await platform.request("GET", "/v1/me", { token: String(token) })).status;
  const [first, second] = [(await login()).json, (await login()).json];
  const renewed = (await refresh(String(first["refresh_token"]))).json;
  expect([await me(first["access_token"]), await me(renewed["access_token"])]).toEqual([200, 200]);
  await after(11, () => refresh(String(first["refresh_token"])));
  expect([await me(first["access_token"]), await me(renewed["access_token"])]).toEqual([401, 401]);
  expect([await me(second["access_token"]), await me(person.token)]).toEqual([200, 200]);
  await platform.request("POST", "/v1/auth/logout", { body: { refresh_token: second["refresh_token"] } });
  expect([await me(second["access_token"]), await me(person.token)]).toEqual([401, 200]);
});

test("a refresh token expires after 7 days: accepted a minute before, rejected a minute after", async () => {
  const [early, late] = [await platform.person(), await platform.person()];
  const week = 7 * 86_400;
  expect((await after(week - 60, () => refresh(early.refreshToken))).status).toBe(200);
  expect((await after(week + 60, () => refresh(late.refreshToken))).status).toBe(401);
});

test("the log of all session tests contains no token, password or address", () => {
  const log = platform.logs.join("\n");
  expect(log).not.toMatch(/eyJ|walk slowly|@example\.org/);
});
