import type { MiddlewareHandler } from "hono";
import { Actor, type Role } from "@gotong/core/platform/actor.ts";

/**
 * Requires a role; must run after `requireMember`. The operations check the role again, for callers other than routes.
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export const requireRole =
  (role: Role): MiddlewareHandler =>
  async (_c, next) => {
    Actor.memberWith(role);
    await next();
  };
