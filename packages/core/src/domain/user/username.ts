import * as v from "valibot";
import { invalidField } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";

/** A username in requests. Also accepts names registered before the rules for new names. */
export const Username = v.pipe(
  Input.string(),
  v.toLowerCase(),
  v.regex(/^[a-z0-9_-]{3,50}$/, "must have 3 to 50 characters of a-z, 0-9, _ and -"),
);

/**
 * Names that sound like the platform's staff, that programs interpret as empty, or that occur in addresses. Compared
 * without `-` and `_`.
 */
const RESERVED = new Set(
  `admin administrator administrators admins anonim anonymous api everyone false guest help hostmaster info mail markov
  me mod moderator moderators nan nil nobody none noreply null official pengurus postmaster register resmi root security
  self staff superuser support sysadmin system test true undefined unknown user users verifier verifiers webmaster www`.split(
    /\s+/,
  ),
);
/** Matches the prefixes of deleted members' names and of the platform's own names. */
const RESERVED_START = /^(deleted|gotong)/;

/**
 * Rejects names that cannot be registered any more. Existing accounts with such names keep working.
 * @throws AppError VALIDATION_FAILED on the field `username`
 */
export function assertMayBeTaken(username: string): void {
  if (!/^[a-z0-9].*[a-z0-9]$/.test(username))
    throw invalidField("username", "format", "must begin and end with a letter or a digit");
  if (isReserved(username)) throw invalidField("username", "not_allowed", "is reserved; choose another");
}

/**
 * Rejects display names that seem to speak for the platform. Ignores case, accents and signs between letters, which a
 * member hardly notices.
 * @throws AppError VALIDATION_FAILED on the field `display_name`
 */
export function assertMayBeShown(displayName: string): void {
  if (isReserved(displayName)) throw invalidField("display_name", "not_allowed", "is reserved; choose another");
}

/** Compares names without signs, spaces and accents, and with compatible letters (fullwidth `Ａｄｍｉｎ` is `admin`). */
function isReserved(name: string): boolean {
  const bare = name
    .normalize("NFKD")
    .replaceAll(/[^\p{L}\p{N}]/gu, "")
    .toLowerCase();
  return RESERVED.has(bare) || RESERVED_START.test(bare);
}
