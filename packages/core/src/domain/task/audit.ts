import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import type { LockedTask } from "./row.ts";

/** Audits an admin's act on another member's task. */
export async function recordAsAdmin(
  action: string,
  { taskId, row }: LockedTask,
  details: Record<string, unknown>,
): Promise<void> {
  if (row.creatorId === Actor.member().userId) return;
  await Audit.record(`task.${action}`, "task", taskId, { creator_id: row.creatorId, ...details });
}
