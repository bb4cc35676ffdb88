import type { MiddlewareHandler } from "hono";
import { Actor } from "@gotong/core/actor.ts";
import { AppError } from "@gotong/core/error.ts";
import { Token } from "@gotong/core/session/token.ts";
import { User } from "@gotong/core/user/index.ts";

const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/**
 * Lets only members with a valid access token pass, and runs the rest as that member. CloudFront signs its calls to the
 * function in `Authorization` and hands on the caller's own header as `x-viewer-authorization`.
 * @throws AppError UNAUTHENTICATED
 */
export const signedIn: MiddlewareHandler = async (c, next) => {
  const header = c.req.header("x-viewer-authorization") ?? c.req.header("authorization") ?? "";
  const token = BEARER.exec(header)?.[1];
  const userId = token === undefined ? undefined : await Token.verifyAccess(token);
  const member = userId === undefined ? undefined : await User.memberOf(userId);
  if (!member) throw new AppError("UNAUTHENTICATED");
  await Actor.run(member, Actor.requestId(), next);
};
