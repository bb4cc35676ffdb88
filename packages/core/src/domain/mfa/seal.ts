import { createHmac } from "node:crypto";
import { Config } from "../../platform/config.ts";
import { Seal } from "../../platform/seal.ts";

/**
 * The encryption keys of a member: the current key first; during a rotation also the previous key, which still
 * decrypts.
 */
function keysOf(userId: string): Buffer[] {
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  return [JWT_KEY, JWT_KEY_PREVIOUS]
    .filter((secret) => secret !== undefined)
    .map((secret) => createHmac("sha256", secret).update(`totp\n${userId}`).digest());
}

/** Encrypts a secret for its member: if it is copied to another member's row, it cannot be decrypted. */
export function sealSecret(secret: string, userId: string): string {
  const [key] = keysOf(userId);
  if (!key) throw new Config.ConfigError(["JWT_KEY is not set"]);
  return Seal.seal(secret, key);
}

/**
 * Decrypts a secret.
 * @returns the secret, and whether it was encrypted with the current key
 * @throws Error when no configured key decrypts it
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
