import { createHmac } from "node:crypto";
import { Config } from "../../platform/config.ts";
import { Seal } from "../../platform/seal.ts";

/** Today's key first; the former one opens what was sealed with it while a rotation lasts. */
function keysOf(userId: string): Buffer[] {
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  return [JWT_KEY, JWT_KEY_PREVIOUS]
    .filter((secret) => secret !== undefined)
    .map((secret) => createHmac("sha256", secret).update(`totp\n${userId}`).digest());
}

/** Encrypts a secret for its member alone: a row that is copied to another member opens nothing. */
export function sealSecret(secret: string, userId: string): string {
  const [key] = keysOf(userId);
  if (!key) throw new Config.ConfigError(["JWT_KEY is not set"]);
  return Seal.seal(secret, key);
}

/**
 * Opens a secret.
 * @returns the secret, and whether it was sealed with today's key
 * @throws Error when no key that is configured opens it
 */
export function openSecret(sealed: string, userId: string): { readonly secret: string; readonly isCurrent: boolean } {
  const [current, former] = keysOf(userId);
  if (!current) throw new Config.ConfigError(["JWT_KEY is not set"]);
  try {
    return { secret: Seal.open(sealed, current), isCurrent: true };
  } catch (error) {
    if (!former) throw error;
    return { secret: Seal.open(sealed, former), isCurrent: false };
  }
}
