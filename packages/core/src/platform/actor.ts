import { AsyncLocalStorage } from "node:async_hooks";
import { AppError } from "./error.ts";
import { Id } from "./id.ts";
import type { Language } from "./language/index.ts";

/** The roles of members. */
export const ROLES = ["contributor", "verifier", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** A signed-in member. */
export interface Member {
  readonly type: "member";
  readonly userId: string;
  readonly username: string;
  readonly roles: readonly Role[];
  /** Whether the member has verified their e-mail address. */
  readonly hasProvenEmail?: boolean;
  /** The language of the member's profile, if they have chosen one. */
  readonly language?: Language;
  /** The member's session; absent where a worker acts for the member. */
  readonly sessionId?: string;
  /** Roles of the member that do not count until the session has a second factor. */
  readonly withheldRoles?: readonly Role[];
}

/** The actor: an anonymous caller, a member, or a part of the platform. */
export type Actor = { readonly type: "public" } | Member | { readonly type: "system"; readonly name: string };

interface Context {
  readonly actor: Actor;
  readonly requestId: string;
  /** The language that the request prefers, or that its member has chosen; undefined if neither is set. */
  readonly language: Language | undefined;
}

const storage = new AsyncLocalStorage<Context>();

/**
 * Runs `work` as `actor`: everything that it calls sees the same actor and request id.
 * @param language the language of the request; by default the language of the surrounding context
 */
export function run<T>(actor: Actor, requestId: string, work: () => T, language?: Language): T {
  return storage.run({ actor, requestId, language: language ?? storage.getStore()?.language }, work);
}

/** The language of the response (see `middleware/caller.ts`); undefined outside a request, or if neither request nor member names one. */
export function language(): Language | undefined {
  return storage.getStore()?.language;
}

/** The current actor: `public` unless set by {@link run}. */
export function current(): Actor {
  return storage.getStore()?.actor ?? { type: "public" };
}

/** The id of the request that caused the current work; a new id outside any request. */
export function requestId(): string {
  return storage.getStore()?.requestId ?? Id.unordered();
}

/**
 * The current member.
 * @throws AppError UNAUTHENTICATED when the actor is not a member
 */
export function member(): Member {
  const actor = current();
  if (actor.type !== "member") throw new AppError("UNAUTHENTICATED");
  return actor;
}

/**
 * The current member with their session.
 * @throws AppError UNAUTHENTICATED when there is no session
 */
export function session(): Member & { readonly sessionId: string } {
  const { sessionId, ...rest } = member();
  if (sessionId === undefined) throw new AppError("UNAUTHENTICATED");
  return { ...rest, sessionId };
}

/**
 * The current member, if they have `role`.
 * @throws AppError UNAUTHENTICATED; FORBIDDEN; MFA_REQUIRED when they have the role but the session lacks a second factor
 */
export function memberWith(role: Role): Member {
  const actor = member();
  if (actor.withheldRoles?.includes(role) === true)
    throw new AppError("MFA_REQUIRED", {
      detail: `The role ${role} requires a second factor: enrol one, or sign in with it.`,
    });
  if (!actor.roles.includes(role)) throw new AppError("FORBIDDEN", { detail: `Requires the role ${role}.` });
  return actor;
}

/** The system actor of the operators' command line. */
export const COMMAND_LINE = "gotong";

/**
 * Checks that the current actor may operate the platform: an admin, or the command line, which cannot be reached from outside.
 * @returns the admin's id; null for the command line
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export function operator(): string | null {
  const actor = current();
  return actor.type === "system" && actor.name === COMMAND_LINE ? null : memberWith("admin").userId;
}

export * as Actor from "./actor.ts";
