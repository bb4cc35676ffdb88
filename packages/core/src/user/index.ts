import { eq, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor, type Member, type Role } from "../actor.ts";
import { Db } from "../db/index.ts";
import { AppError } from "../error.ts";
import { Id } from "../id.ts";
import { Password } from "../session/password.ts";
import { users } from "./user.sql.ts";

export const Username = v.pipe(
  v.string("must be a text"),
  v.toLowerCase(),
  v.regex(/^[a-z0-9_-]{3,50}$/, "must have 3 to 50 characters of a-z, 0-9, _ and -"),
);
export const Email = v.pipe(
  v.string("must be a text"),
  v.trim(),
  v.toLowerCase(),
  v.maxLength(254, "must have at most 254 characters"),
  v.rfcEmail("must be an e-mail address"),
);
export const NewPassword = v.pipe(
  v.string("must be a text"),
  v.minLength(Password.PASSWORD_MIN_LENGTH, `must have at least ${Password.PASSWORD_MIN_LENGTH} characters`),
  v.maxLength(Password.PASSWORD_MAX_LENGTH, `must have at most ${Password.PASSWORD_MAX_LENGTH} characters`),
  v.check((value) => value.isWellFormed(), "must be well-formed Unicode"),
);

export const Registration = v.strictObject({ username: Username, email: Email, password: NewPassword });

/** A member as others see them. */
export interface Info {
  readonly id: string;
  readonly username: string;
  readonly markov_user_id: string;
  readonly roles: readonly Role[];
  readonly created_at: string;
}

/** A member as they see themselves. */
export interface OwnInfo extends Info {
  readonly email: string;
}

/**
 * Makes an account.
 * @throws AppError VALIDATION_FAILED for a guessable password; USERNAME_TAKEN, EMAIL_TAKEN
 */
export async function register(input: v.InferOutput<typeof Registration>): Promise<OwnInfo> {
  Password.assertUnguessable(input.password, input.username, input.email);
  const passwordHash = await Password.hash(input.password);
  try {
    const [row] = await Db.use()
      .insert(users)
      .values({ id: Id.uuid(), username: input.username, email: input.email, passwordHash })
      .returning();
    if (!row) throw new Error("the insert returned nothing");
    return toOwnInfo(row);
  } catch (error) {
    const broken = Db.brokenConstraint(error);
    if (broken === "users_username_key") throw new AppError("USERNAME_TAKEN");
    if (broken === "users_email_key") throw new AppError("EMAIL_TAKEN");
    throw error;
  }
}

/** The account of an e-mail address with its password hash, for signing in; deleted ones are not found. */
export async function credentialsOf(
  email: string,
): Promise<{ user: OwnInfo; passwordHash: string | null } | undefined> {
  const [row] = await Db.use()
    .select()
    .from(users)
    .where(eq(sql`lower(${users.email})`, email));
  return row && !row.deletedAt ? { user: toOwnInfo(row), passwordHash: row.passwordHash } : undefined;
}

/** The member behind a user id, or undefined when the account is gone. Roles are today's, whatever a token says. */
export async function memberOf(userId: string): Promise<Member | undefined> {
  const [row] = await Db.use()
    .select({ username: users.username, roles: users.roles, deletedAt: users.deletedAt })
    .from(users)
    .where(eq(users.id, userId));
  return row && !row.deletedAt ? { type: "member", userId, username: row.username, roles: row.roles } : undefined;
}

/** The member who acts, as they see themselves. */
export async function me(): Promise<OwnInfo> {
  const { userId } = Actor.member();
  const [row] = await Db.use().select().from(users).where(eq(users.id, userId));
  if (!row) throw new AppError("NOT_FOUND");
  return toOwnInfo(row);
}

/**
 * A member as others see them.
 * @throws AppError NOT_FOUND
 */
export async function get(userId: string): Promise<Info> {
  const [row] = await Db.use().select().from(users).where(eq(users.id, userId));
  if (!row || row.deletedAt) throw new AppError("NOT_FOUND");
  const { email: _private, ...info } = toOwnInfo(row);
  return info;
}

/** Gives a member exactly these roles, and `contributor` besides. For operators and the demo data. */
export async function setRoles(userId: string, roles: readonly Role[]): Promise<void> {
  await Db.use()
    .update(users)
    .set({ roles: [...new Set<Role>(["contributor", ...roles])], updatedAt: sql`now()` })
    .where(eq(users.id, userId));
}

function toOwnInfo(row: typeof users.$inferSelect): OwnInfo {
  return {
    id: row.id,
    username: row.username,
    email: row.email,
    markov_user_id: `gotong_royong:${row.id}`,
    roles: row.roles,
    created_at: row.createdAt.toISOString(),
  };
}

export * as User from "./index.ts";
