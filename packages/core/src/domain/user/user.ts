import { and, eq, getTableColumns, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor, type Member, type Role } from "../../platform/actor.ts";
import { EMAIL_MAX_CHARACTERS } from "../../platform/bounds.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { NewPassword, Password } from "../password/index.ts";
import { FormerNames } from "./former-names.ts";
import { users } from "./user.sql.ts";
import { Username, assertMayBeTaken } from "./username.ts";
import type { Info, OwnInfo } from "./schema.ts";

export type { Info, OwnInfo } from "./schema.ts";

export const Email = v.pipe(
  Input.string(),
  v.trim(),
  v.toLowerCase(),
  Input.maxCharacters(EMAIL_MAX_CHARACTERS),
  Input.email,
);

/** A row with its skills, in one query. */
const { names: _names, ...shown } = getTableColumns(users);
const columns = {
  ...shown,
  skillIds: sql<string[]>`array(select s.skill_id from user_skills s where s.user_id = users.id order by s.skill_id)`,
};
type Row = Omit<typeof users.$inferSelect, "names"> & { readonly skillIds: readonly string[] };

export const Registration = v.strictObject({ username: Username, email: Email, password: NewPassword });

/** A new account with its password hashed. */
export interface Prepared {
  readonly username: string;
  readonly email: string;
  readonly passwordHash: string;
}

/**
 * Validates a new account and hashes its password. Hashing is slow, so call this before the transaction that creates
 * the account.
 * @throws AppError VALIDATION_FAILED for a reserved name or a guessable password
 */
export async function prepare(input: v.InferOutput<typeof Registration>): Promise<Prepared> {
  assertMayBeTaken(input.username);
  await Password.assertUnguessable(input.password, input.username, input.email);
  return { username: input.username, email: input.email, passwordHash: await Password.hash(input.password) };
}

/**
 * Creates an account.
 * @param by "proof" if an invitation or an operator has verified the address; "link" if the link of an invitation
 * admits the member, who may then act before they verify it
 * @throws AppError USERNAME_TAKEN, EMAIL_TAKEN
 */
export async function register(account: Prepared, by?: "proof" | "link"): Promise<OwnInfo> {
  const now = Clock.now();
  const emailVerifiedAt = by === "proof" ? now : null;
  const admittedAt = by === "link" ? now : null;
  try {
    return await Db.transaction(async () => {
      const row = Db.only(
        await Db.use()
          .insert(users)
          .values({ id: Id.uuid(), ...account, emailVerifiedAt, admittedAt })
          .returning(),
      );
      await FormerNames.assertFree(row.username, row.id);
      return toOwnInfo({ ...row, skillIds: [] });
    });
  } catch (error) {
    throw nameTaken(error) ?? error;
  }
}

/** The AppError for an insert or update that violated a unique name or address; undefined for any other error. */
export function nameTaken(error: unknown): AppError | undefined {
  const broken = Db.brokenConstraint(error);
  if (broken === "users_username_key") return new AppError("USERNAME_TAKEN");
  return broken === "users_email_key" ? new AppError("EMAIL_TAKEN") : undefined;
}

/**
 * Condition on the e-mail address, in the form of the index.
 * @param email in lower case
 */
export const hasEmail = (email: string) => eq(sql`lower(${users.email})`, email);

/** The account of an e-mail address with its password hash, for a login; undefined for a deleted account. */
export async function credentialsOf(
  email: string,
): Promise<{ user: OwnInfo; passwordHash: string | null } | undefined> {
  const [row] = await Db.use().select(columns).from(users).where(hasEmail(email));
  return row && !row.deletedAt ? { user: toOwnInfo(row), passwordHash: row.passwordHash } : undefined;
}

/**
 * The member with this user id, or undefined if the account is deleted. Roles are the current ones, not those in a
 * token.
 */
export async function memberOf(userId: string): Promise<Member | undefined> {
  const [row] = await Db.use()
    .select({ username: users.username, roles: users.roles, deletedAt: users.deletedAt })
    .from(users)
    .where(eq(users.id, userId));
  return row && !row.deletedAt ? { type: "member", userId, username: row.username, roles: row.roles } : undefined;
}

/** The current member's own account. */
export async function me(): Promise<OwnInfo> {
  const { userId } = Actor.member();
  const own = await accountOf(userId);
  if (!own) throw new AppError("NOT_FOUND");
  return own;
}

/**
 * A member with the fields that other members may see.
 * @throws AppError NOT_FOUND
 */
export async function get(userId: string): Promise<Info> {
  const own = await accountOf(userId);
  if (!own) throw new AppError("NOT_FOUND");
  const { email: _email, email_verified: _emailVerified, language: _language, ...info } = own;
  return info;
}

/** An account with its private fields; undefined when it does not exist or is deleted. */
export async function accountOf(userId: string): Promise<OwnInfo | undefined> {
  const [row] = await Db.use().select(columns).from(users).where(eq(users.id, userId));
  return row && !row.deletedAt ? toOwnInfo(row) : undefined;
}

/**
 * Replaces the password.
 * @returns false when the account is deleted
 */
export async function setPassword(userId: string, passwordHash: string): Promise<boolean> {
  const rows = await Db.use()
    .update(users)
    .set({ passwordHash, updatedAt: sql`now()` })
    .where(and(eq(users.id, userId), isNull(users.deletedAt)))
    .returning({ id: users.id });
  return rows.length > 0;
}

/** Sets a member's roles to exactly these and `contributor`. For operators and the demo data. */
export async function setRoles(userId: string, roles: readonly Role[]): Promise<void> {
  await Db.use()
    .update(users)
    .set({ roles: [...new Set<Role>(["contributor", ...roles])], updatedAt: sql`now()` })
    .where(eq(users.id, userId));
}

function toOwnInfo(row: Row): OwnInfo {
  return {
    id: row.id,
    username: row.username,
    display_name: row.displayName,
    avatar_url: row.avatar === null ? null : `/v1/avatars/${row.avatar}`,
    email: row.email,
    email_verified: row.emailVerifiedAt !== null,
    markov_user_id: `gotong_royong:${row.id}`,
    roles: row.roles,
    bio: row.bio,
    location: row.location,
    language: row.language,
    skill_ids: row.skillIds,
    created_at: row.createdAt.toISOString(),
  };
}

export * as User from "./user.ts";
