import type { Context, MiddlewareHandler } from "hono";
import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { Access } from "@gotong/core/domain/session/access.ts";
import { authorizationHeader } from "./authorization.ts";
import { callers } from "./caller.ts";

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The member whom the request's access token identifies, read once per request; undefined without a valid token. */
export function callerOf(c: Context): Promise<Member | undefined> {
  const known = callers.get(c);
  if (known) return known;
  const caller = read(c.req.header(authorizationHeader()) ?? "");
  callers.set(c, caller);
  return caller;
}

async function read(header: string): Promise<Member | undefined> {
  const token = BEARER.exec(header)?.[1];
  return token === undefined ? undefined : Access.memberOf(token);
}

/**
 * Requires a valid access token, and runs the request as the member of the token.
 * @throws AppError UNAUTHENTICATED
 */
export const requireMember: MiddlewareHandler = async (c, next) => {
  const member = await callerOf(c);
  if (!member) throw new AppError("UNAUTHENTICATED");
  await Actor.run(member, Actor.requestId(), next, Actor.language() ?? member.language);
};
