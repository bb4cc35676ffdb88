import { getTableColumns } from "drizzle-orm";
import { Hidden } from "../hidden/index.ts";
import { personOf } from "../user/person.sql.ts";
import { contributions } from "./contribution.sql.ts";
import type { Info } from "./schema.ts";

/** The columns to read for a contribution, with its owner's names. */
export const columns = { ...getTableColumns(contributions), user: personOf(contributions.userId) };
export type Row = typeof contributions.$inferSelect & Pick<Info, "user">;

export function toInfo(row: Row): Info {
  return {
    id: row.id,
    user_id: row.userId,
    user: row.user,
    task_id: row.taskId,
    contribution_type: row.contributionType,
    title: row.title,
    description: row.description,
    skill_ids: row.skillIds,
    metadata: row.metadata,
    verification_status: row.verificationStatus,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    hidden: Hidden.mark(row),
  };
}
