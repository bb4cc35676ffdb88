import { createHash, createHmac, randomBytes } from "node:crypto";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";

export const ACCESS_TOKEN_SECONDS = 900;
const ISSUER = "gotong-royong";
const AUDIENCE = "gotong-royong-api";
const ALGORITHM = "HS256";
const TYPE = "at+jwt"; // RFC 9068
/** The database takes nothing else for an id. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Loaded at first use: a cold start does not pay for it before its first request. */
const jose = () => import("jose");

interface Key {
  readonly kid: string;
  readonly bytes: Uint8Array;
}

/** Today's key first; the former one is accepted while a rotation lasts. */
function keys(): Key[] {
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  return [JWT_KEY, JWT_KEY_PREVIOUS]
    .filter((secret) => secret !== undefined)
    .map((secret) => ({
      kid: createHash("sha256").update(`kid:${secret}`).digest("hex").slice(0, 16),
      bytes: new TextEncoder().encode(secret),
    }));
}

/** Whose token it is, and of which login: both UUIDs. */
export interface Access {
  readonly userId: string;
  readonly sessionId: string;
}

/** A signed access token, good for {@link ACCESS_TOKEN_SECONDS} while its session lasts. */
export async function signAccess({ userId, sessionId }: Access): Promise<string> {
  const [key] = keys();
  if (!key) throw new Error("there is no signing key");
  const now = Math.floor(Clock.now().getTime() / 1000);
  const { SignJWT } = await jose();
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: ALGORITHM, typ: TYPE, kid: key.kid })
    .setSubject(userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(now)
    .setExpirationTime(now + ACCESS_TOKEN_SECONDS)
    .sign(key.bytes);
}

/** What a valid access token says; undefined for any other text. Whether its session still lasts only the database knows. */
export async function verifyAccess(token: string): Promise<Access | undefined> {
  const { errors, jwtVerify } = await jose();
  try {
    const { payload } = await jwtVerify(
      token,
      ({ kid }) => {
        const key = keys().find((candidate) => candidate.kid === kid);
        if (!key) throw new errors.JWKSNoMatchingKey();
        return key.bytes;
      },
      {
        algorithms: [ALGORITHM],
        issuer: ISSUER,
        audience: AUDIENCE,
        typ: TYPE,
        requiredClaims: ["sub", "sid", "exp", "iat"],
        currentDate: Clock.now(),
      },
    );
    const { sub: userId, sid: sessionId } = payload;
    return isId(userId) && isId(sessionId) ? { userId, sessionId } : undefined;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return undefined;
    throw error;
  }
}

const isId = (value: unknown): value is string => typeof value === "string" && ID.test(value);

/** A new refresh token: 256 random bits. */
export function refresh(): string {
  return randomBytes(32).toString("base64url");
}

/** The one successor of a refresh token: whoever lost the reply and asks again gets the same, and nothing is kept in clear. */
export function successorOf(refreshToken: string): string {
  return createHmac("sha256", Config.section("auth").JWT_KEY).update(`refresh:${refreshToken}`).digest("base64url");
}

/** What the database keeps of a token. */
export function digest(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Stands for an e-mail address in tables that limit mail to it: keyed, because addresses can be guessed. */
export function addressHash(email: string): string {
  return createHmac("sha256", Config.section("auth").JWT_KEY).update(`address:${email}`).digest("hex");
}

export * as Token from "./token.ts";
