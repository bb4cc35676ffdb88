import type { MiddlewareHandler } from "hono";
import { Actor, type Role } from "@gotong/core/platform/actor.ts";

/**
 * Requires a role; must run after `requireMember`. The operations of the domain check the role again, since not only
 * routes call them.
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export const requireRole =
  (role: Role): MiddlewareHandler =>
  async (_c, next) => {
    Actor.memberWith(role);
    await next();
  };
