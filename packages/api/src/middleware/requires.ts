import type { MiddlewareHandler } from "hono";
import { Actor, type Role } from "@gotong/core/platform/actor.ts";

/**
 * Lets only members who hold `role` pass; after `signedIn`. The operations behind it ask once more, for whoever calls them from
 * elsewhere.
 * @throws AppError UNAUTHENTICATED, FORBIDDEN
 */
export const requires =
  (role: Role): MiddlewareHandler =>
  async (_c, next) => {
    Actor.memberWith(role);
    await next();
  };
