import { type KeyObject, createHash, createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import * as v from "valibot";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";

export const ACCESS_TOKEN_SECONDS = 900;
const ISSUER = "gotong-royong";
const AUDIENCE = "gotong-royong-api";
const ALGORITHM = "HS256";
const TYPE = "at+jwt";
/** An id as the database returns it: a UUID in lower case. A query with a text that is not a UUID would fail. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BASE64URL = /^[\w-]+$/;

/**
 * The exact fields that {@link signAccess} writes: this platform did not issue a token with other fields, such as
 * `crit` or `jwk`.
 */
const Header = v.strictObject({ alg: v.literal(ALGORITHM), typ: v.literal(TYPE), kid: v.string() });
const Claims = v.strictObject({
  sub: v.pipe(v.string(), v.regex(ID)),
  sid: v.pipe(v.string(), v.regex(ID)),
  iss: v.literal(ISSUER),
  aud: v.literal(AUDIENCE),
  iat: v.pipe(v.number(), v.safeInteger()),
  exp: v.pipe(v.number(), v.safeInteger()),
});

interface Key {
  readonly kid: string;
  readonly secret: KeyObject;
}

/** Keys by secret, so that each is derived once and not for every token. */
const known = new Map<string, Key>();
/** Upper limit of cached keys: two are in use, and only tests that change the configuration have more. */
const KNOWN_AT_MOST = 8;

function keyOf(secret: string): Key {
  const made = known.get(secret) ?? {
    kid: createHash("sha256").update(`kid:${secret}`).digest("hex").slice(0, 16),
    secret: createSecretKey(secret, "utf8"),
  };
  if (known.size >= KNOWN_AT_MOST) known.clear();
  known.set(secret, made);
  return made;
}

/** The member and the session that a token names, both UUIDs. */
export interface Access {
  readonly userId: string;
  readonly sessionId: string;
}

/** Signs an access token (RFC 9068), valid for {@link ACCESS_TOKEN_SECONDS} unless its session is revoked before. */
export function signAccess({ userId, sessionId }: Access): string {
  const { kid, secret } = keyOf(Config.section("auth").JWT_KEY);
  const iat = Math.floor(Clock.now().getTime() / 1000);
  const claims = { sid: sessionId, sub: userId, iss: ISSUER, aud: AUDIENCE, iat, exp: iat + ACCESS_TOKEN_SECONDS };
  const content = `${encode({ alg: ALGORITHM, typ: TYPE, kid })}.${encode(claims)}`;
  return `${content}.${signatureOf(content, secret)}`;
}

interface Verified {
  readonly key: string;
  readonly signature: string;
  readonly expiresAt: number;
  readonly access: Access;
}

/**
 * Verified tokens by their content, which is the token without its signature. A client sends the same token for 15
 * minutes; to compute its HMAC and to parse its JSON each time took 8 % of the CPU time of a cached list. The signature
 * is compared in constant time here too: the time of a lookup depends only on the content, which is not secret.
 */
const verified = new Map<string, Verified>();
/** Upper limit of verified tokens in memory: about 1 MB. */
const VERIFIED_AT_MOST = 2_000;

/**
 * The content of a valid access token; undefined for any other string. Only the database knows whether its session was
 * revoked. Computes the HMAC synchronously: WebCrypto, which JWT libraries use, would queue behind password hashes for
 * a thread. Accepts the current key and, during a rotation, the previous key.
 */
export function verifyAccess(token: string): Access | undefined {
  const end = Math.max(0, token.lastIndexOf("."));
  const [content, signature] = [token.slice(0, end), token.slice(end + 1)];
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  const known = verified.get(content);
  const isKnown = known !== undefined && (known.key === JWT_KEY || known.key === JWT_KEY_PREVIOUS);
  const valid = isKnown ? known : verify(content, signature, [JWT_KEY, JWT_KEY_PREVIOUS]);
  if (!valid || valid.expiresAt <= Math.floor(Clock.now().getTime() / 1000)) return undefined;
  if (isKnown) return isSame(signature, valid.signature) ? valid.access : undefined;
  if (verified.size >= VERIFIED_AT_MOST) verified.clear();
  verified.set(content, valid);
  return valid.access;
}

function verify(content: string, signature: string, keys: readonly (string | undefined)[]): Verified | undefined {
  const [header = "", claims = "", ...more] = content.split(".");
  if (more.length > 0) return undefined;
  const kid = decode(Header, header)?.kid;
  const key = keys.find((secret) => secret !== undefined && keyOf(secret).kid === kid);
  if (key === undefined || !isSame(signature, signatureOf(content, keyOf(key).secret))) return undefined;
  const read = decode(Claims, claims);
  return read && { key, signature, expiresAt: read.exp, access: { userId: read.sub, sessionId: read.sid } };
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
const signatureOf = (content: string, secret: KeyObject) =>
  createHmac("sha256", secret).update(content).digest("base64url");

function isSame(actual: string, expected: string): boolean {
  const [a, b] = [Buffer.from(actual), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function decode<S extends v.GenericSchema>(schema: S, part: string): v.InferOutput<S> | undefined {
  if (!BASE64URL.test(part)) return undefined;
  try {
    const parsed = v.safeParse(schema, JSON.parse(Buffer.from(part, "base64url").toString()));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined; // claims that are not JSON are invalid
  }
}

/** A new refresh token: 256 random bits. */
export function refresh(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * The only possible successor of a refresh token: a client that lost the response gets the same successor again, and no
 * token is stored in plain text.
 */
export function successorOf(refreshToken: string): string {
  return createHmac("sha256", Config.section("auth").JWT_KEY).update(`refresh:${refreshToken}`).digest("base64url");
}

/** The stored form of a token. */
export function digest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/**
 * Keyed hash of an e-mail address, for tables that limit mail to it. A plain hash could be reversed by guessing
 * addresses.
 */
export function addressHash(email: string): string {
  return createHmac("sha256", Config.section("auth").JWT_KEY).update(`address:${email}`).digest("hex");
}

export * as Token from "./token.ts";
