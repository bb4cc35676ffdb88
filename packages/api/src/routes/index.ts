import type { Hono } from "hono";
import { operations } from "./operations.ts";

/** Every group of routes by its base path. The group `/` handles all other paths. */
export const GROUPS = {
  "/": async (): Promise<Hono> => operations,
  "/docs": async (): Promise<Hono> => (await import("./docs.ts")).docs,
  "/openapi.json": async (): Promise<Hono> => (await import("./docs.ts")).openapi,
  "/v1/auth": async (): Promise<Hono> => (await import("./auth.ts")).auth,
  "/v1/me": async (): Promise<Hono> => (await import("./me.ts")).me,
  "/v1/users": async (): Promise<Hono> => (await import("./users.ts")).users,
  "/v1/avatars": async (): Promise<Hono> => (await import("./avatars.ts")).avatars,
  "/v1/skills": async (): Promise<Hono> => (await import("./skills.ts")).skills,
  "/v1/tasks": async (): Promise<Hono> => (await import("./tasks.ts")).tasks,
  "/v1/open-tasks": async (): Promise<Hono> => (await import("./open-tasks.ts")).openTasks,
  "/v1/contributions": async (): Promise<Hono> => (await import("./contributions.ts")).contributions,
  "/v1/uploads": async (): Promise<Hono> => (await import("./uploads.ts")).uploads,
  "/v1/evidence": async (): Promise<Hono> => (await import("./evidence.ts")).evidence,
  "/v1/comments": async (): Promise<Hono> => (await import("./comments.ts")).comments,
  "/v1/notifications": async (): Promise<Hono> => (await import("./notifications.ts")).notifications,
  "/v1/vouches": async (): Promise<Hono> => (await import("./vouches.ts")).vouches,
  "/v1/invitations": async (): Promise<Hono> => (await import("./invitations.ts")).invitations,
  "/v1/verification-queue": async (): Promise<Hono> => (await import("./verification-queue.ts")).verificationQueue,
  "/v1/admin": async (): Promise<Hono> => (await import("./admin.ts")).admin,
} as const;

export type Base = keyof typeof GROUPS;

const BASES = Object.keys(GROUPS).filter((base): base is Base => base !== "/");

/** The group that handles `path`. */
export function groupOf(path: string): Base {
  return BASES.find((base) => path === base || path.startsWith(`${base}/`)) ?? "/";
}
