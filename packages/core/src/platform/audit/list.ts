import { and, eq, lt } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../actor.ts";
import { optionalCondition, newestFirst } from "../db/columns.ts";
import { Db } from "../db/index.ts";
import { Input } from "../input.ts";
import { Page } from "../page.ts";
import { auditLog } from "./audit.sql.ts";
import type { Entry } from "./schema.ts";

const paging = Page.paging("audit_log", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject({
  ...paging.query,
  /** Filter: the id of the acting member. */
  actor: v.optional(Input.uuid),
  /** Filter: the action, such as `evidence.download`. */
  action: v.optional(Input.text(1, 100)),
  /** Filter: the id of the target. */
  target: v.optional(Input.text(1, 100)),
});

/** The entries of the audit log that match all filters, newest first. Admins only. */
export async function list(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Entry>> {
  Actor.memberWith("admin");
  const rows = await Db.use()
    .select()
    .from(auditLog)
    .where(
      and(
        optionalCondition(input.actor, (actor) => eq(auditLog.actorId, actor)),
        optionalCondition(input.action, (action) => eq(auditLog.action, action)),
        optionalCondition(input.target, (target) => eq(auditLog.targetId, target)),
        optionalCondition(input.cursor, ([last]) => lt(auditLog.id, last)),
      ),
    )
    .orderBy(newestFirst(auditLog.id))
    .limit(input.limit + 1);
  return paging.page(
    rows,
    input.limit,
    (row) => [row.id],
    (row) => ({
      id: row.id,
      actor_id: row.actorId,
      action: row.action,
      target_type: row.targetType,
      target_id: row.targetId,
      details: row.details,
      request_id: row.requestId,
      created_at: row.createdAt.toISOString(),
    }),
  );
}

export * as AuditLog from "./list.ts";
