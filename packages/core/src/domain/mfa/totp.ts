import { lazy } from "../../platform/lazy.ts";

/** Name of the platform, which the member's app shows beside the username. */
const ISSUER = "Gotong Royong";
const PERIOD_SECONDS = 30;
/**
 * Number of accepted steps before and after the current one: allows for a clock that is off by half a minute, and for
 * slow typing (RFC 6238 §5.2).
 */
const STEPS_AROUND = 1;

/** Loads the library at first use, since few requests need it. */
const library = lazy(() => import("otpauth"));

async function generator(secret: string, label: string) {
  const { Secret, TOTP } = await library();
  const options = { issuer: ISSUER, label, algorithm: "SHA1", digits: 6, period: PERIOD_SECONDS };
  return new TOTP({ ...options, secret: Secret.fromBase32(secret) });
}

/** A new secret: 160 random bits (RFC 4226 §4), as Base32. */
export async function newSecret(): Promise<string> {
  const { Secret } = await library();
  return new Secret({ size: 20 }).base32;
}

/** The `otpauth:` URI of a secret, which apps read from a QR code. */
export async function uriOf(secret: string, label: string): Promise<string> {
  return (await generator(secret, label)).toString();
}

/**
 * The time step of a code, counted in 30 s since 1970.
 * @param code six digits
 * @returns undefined if the secret has no such code around `now`
 */
export async function stepOf(secret: string, code: string, now: Date): Promise<number | undefined> {
  const delta = (await generator(secret, "")).validate({ token: code, timestamp: now.getTime(), window: STEPS_AROUND });
  return delta === null ? undefined : Math.floor(now.getTime() / 1000 / PERIOD_SECONDS) + delta;
}

export * as Totp from "./totp.ts";
