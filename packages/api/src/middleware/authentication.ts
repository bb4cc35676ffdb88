import type { Context, MiddlewareHandler, Next } from "hono";
import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { Access } from "@gotong/core/domain/session/access.ts";
import { isReadEarly } from "../route-kinds.ts";
import { authorizationHeader } from "./authorization.ts";
import { callers } from "./caller.ts";

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The member whom the request's access token identifies, read once per request; undefined without a valid token. */
export function callerOf(c: Context): Promise<Member | undefined> {
  const known = callers.get(c);
  if (known) return known;
  const { previous, member } = Access.check(BEARER.exec(c.req.header(authorizationHeader()) ?? "")?.[1] ?? "");
  callers.set(c, member);
  if (previous && isReadEarly(c.req)) {
    early.set(c, previous);
    // A request that its limit rejects does not await the check.
    member.catch(() => undefined);
  }
  return member;
}

/** The members of the previous checks of tokens, for requests that are read early. */
const early = new WeakMap<Context, Member>();

/**
 * The member to whom the request counts. For a request that is read early, it is the member of the token's previous
 * check, so that the request need not wait for its own check.
 */
export function countedCallerOf(c: Context): Member | Promise<Member | undefined> {
  const checked = callerOf(c);
  return early.get(c) ?? checked;
}

/**
 * Requires a valid access token, and runs the request as the member of the token. A request that is read early runs
 * beside the check of its session, which saves a round trip to the database; its response is discarded if the check
 * fails.
 * @throws AppError UNAUTHENTICATED
 */
export const requireMember: MiddlewareHandler = async (c, next) => {
  const checked = callerOf(c);
  const assumed = early.get(c);
  if (assumed) await runAs(assumed, next);
  let member: Member | undefined;
  try {
    member = await checked;
  } finally {
    // Otherwise Hono would merge the headers of the discarded response into those of the problem.
    if (!member && assumed) c.res = undefined;
  }
  if (!member) throw new AppError("UNAUTHENTICATED");
  if (!assumed) await runAs(member, next);
};

const runAs = (member: Member, next: Next) =>
  Actor.run(member, Actor.requestId(), next, Actor.language() ?? member.language);
