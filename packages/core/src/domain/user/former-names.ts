import { createHmac } from "node:crypto";
import { and, eq, gt, inArray, isNull, ne, or } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { formerUsernames } from "./user.sql.ts";

/**
 * Maximum number of former names reserved for one member, so that a member who renames repeatedly does not block many
 * names.
 */
const FORMER_NAMES_MAX = 3;

/**
 * Reserves a former username for `USERNAME_FREE_AFTER_DAYS`, so that no other member is mistaken for its former owner.
 * Only a keyed hash of it is stored. Must run in the transaction of the change.
 * @param ownerId the member who may take it back; null for a deleted member
 */
export async function reserve(username: string, ownerId: string | null): Promise<void> {
  const [nameHash] = hashes(username);
  const days = Config.section("rules").USERNAME_FREE_AFTER_DAYS;
  if (nameHash === undefined || days === 0) return;
  const freeAt = new Date(Clock.now().getTime() + days * 86_400_000);
  await Db.use()
    .insert(formerUsernames)
    .values({ nameHash, ownerId, freeAt })
    .onConflictDoUpdate({ target: formerUsernames.nameHash, set: { ownerId, freeAt } });
}

/**
 * Limits the names reserved for one member: rejects a new name while three former names are reserved, instead of
 * releasing a reserved name early. A member may always take back an own former name. The caller has locked the member.
 * @throws AppError RULE_VIOLATED
 */
export async function assertMayChange(ownerId: string, from: string, to: string): Promise<void> {
  const days = Config.section("rules").USERNAME_FREE_AFTER_DAYS;
  if (days === 0) return;
  const kept = await Db.use()
    .select({ nameHash: formerUsernames.nameHash })
    .from(formerUsernames)
    .where(and(eq(formerUsernames.ownerId, ownerId), gt(formerUsernames.freeAt, Clock.now())));
  const [own, present] = [new Set(hashes(to)), new Set(hashes(from))];
  if (kept.some(({ nameHash }) => own.has(nameHash))) return;
  if (kept.filter(({ nameHash }) => !present.has(nameHash)).length < FORMER_NAMES_MAX) return;
  throw new AppError("RULE_VIOLATED", {
    detail: `The username can be changed ${FORMER_NAMES_MAX} times within ${days} days. You can take a former one back.`,
  });
}

/** After a member's deletion, blocks their former names for everyone until the reservation expires. */
export async function disown(ownerId: string): Promise<void> {
  await Db.use().update(formerUsernames).set({ ownerId: null }).where(eq(formerUsernames.ownerId, ownerId));
}

/**
 * Rejects a name that is reserved for another member. Must run after the name was written, in the same transaction: a
 * concurrent rename that releases the name has committed by then.
 * @param userId the member who takes the name
 * @throws AppError USERNAME_TAKEN
 */
export async function assertFree(username: string, userId: string): Promise<void> {
  const isOthers = or(isNull(formerUsernames.ownerId), ne(formerUsernames.ownerId, userId));
  const [kept] = await Db.use()
    .select({ nameHash: formerUsernames.nameHash })
    .from(formerUsernames)
    .where(and(inArray(formerUsernames.nameHash, hashes(username)), gt(formerUsernames.freeAt, Clock.now()), isOthers));
  if (kept) throw new AppError("USERNAME_TAKEN");
}

/**
 * One hash for each accepted signing key, the current key first. After two rotations the key of a reservation is not
 * accepted any more, so that the name becomes free early.
 */
function hashes(username: string): string[] {
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  return [JWT_KEY, JWT_KEY_PREVIOUS]
    .filter((secret) => secret !== undefined)
    .map((secret) => createHmac("sha256", secret).update(`former username\n${username.toLowerCase()}`).digest("hex"));
}

export * as FormerNames from "./former-names.ts";
