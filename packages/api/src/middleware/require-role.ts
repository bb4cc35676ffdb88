import type { MiddlewareHandler } from "hono";
import { Actor, type Role } from "@gotong/core/platform/actor.ts";

/**
 * Requires a role; after `requireMember`. The operations check it again, for callers other than routes.
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export const requireRole =
  (role: Role): MiddlewareHandler =>
  async (_c, next) => {
    Actor.memberWith(role);
    await next();
  };
