import { AsyncLocalStorage } from "node:async_hooks";
import { AppError } from "./error.ts";
import { Id } from "./id.ts";
import type { ROLES } from "../domain/user/user.sql.ts";

export type Role = (typeof ROLES)[number];

/** A member who is signed in. */
export interface Member {
  readonly type: "member";
  readonly userId: string;
  readonly username: string;
  readonly roles: readonly Role[];
  /** Whether the member has proved their e-mail address. */
  readonly hasProvenEmail?: boolean;
  /** Through which session; absent where a worker acts for the member. */
  readonly sessionId?: string;
  /** Roles that the member has, and that need a second factor in the session. */
  readonly withheldRoles?: readonly Role[];
}

/** Who acts: a stranger, a member, or a part of the platform itself. */
export type Actor = { readonly type: "public" } | Member | { readonly type: "system"; readonly name: string };

interface Context {
  readonly actor: Actor;
  readonly requestId: string;
}

const storage = new AsyncLocalStorage<Context>();

/** Runs `work` as `actor`; all that it calls sees the same actor and request id. */
export function run<T>(actor: Actor, requestId: string, work: () => T): T {
  return storage.run({ actor, requestId }, work);
}

/** The present actor: a stranger where nobody said otherwise. */
export function current(): Actor {
  return storage.getStore()?.actor ?? { type: "public" };
}

/** The id of the request that caused the present work. Made up outside of any request. */
export function requestId(): string {
  return storage.getStore()?.requestId ?? Id.uuid();
}

/**
 * The member who acts.
 * @throws AppError UNAUTHENTICATED when a stranger acts
 */
export function member(): Member {
  const actor = current();
  if (actor.type !== "member") throw new AppError("UNAUTHENTICATED");
  return actor;
}

/**
 * The member who acts, and the session through which they do.
 * @throws AppError UNAUTHENTICATED when there is no session
 */
export function session(): Member & { readonly sessionId: string } {
  const { sessionId, ...rest } = member();
  if (sessionId === undefined) throw new AppError("UNAUTHENTICATED");
  return { ...rest, sessionId };
}

/**
 * The member who acts, when they hold `role`.
 * @throws AppError UNAUTHENTICATED, FORBIDDEN; MFA_REQUIRED when they do, and have not shown a second factor
 */
export function memberWith(role: Role): Member {
  const actor = member();
  if (actor.withheldRoles?.includes(role) === true)
    throw new AppError("MFA_REQUIRED", {
      detail: `The role ${role} needs a second factor: enrol one, or sign in with the one that you have.`,
    });
  if (!actor.roles.includes(role)) throw new AppError("FORBIDDEN", { detail: `This needs the role ${role}.` });
  return actor;
}

/** The name of the command line among the platform's own parts. */
export const COMMAND_LINE = "gotong";

/**
 * Whoever may run the platform: an admin, or the command line, which nobody reaches from outside.
 * @returns the admin's id; null for the command line
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export function operator(): string | null {
  const actor = current();
  return actor.type === "system" && actor.name === COMMAND_LINE ? null : memberWith("admin").userId;
}

export * as Actor from "./actor.ts";
