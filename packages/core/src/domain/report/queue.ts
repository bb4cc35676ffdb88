import { type SQL, and, asc, eq, getTableColumns, gt, inArray, ne } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { avatars } from "../avatar/avatar.sql.ts";
import { Clock } from "../../platform/clock.ts";
import { comments } from "../task/comment.sql.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { evidence } from "../evidence/evidence.sql.ts";
import type { Page } from "../../platform/page.ts";
import { type Notice, notify } from "../notification/notify.ts";
import { tasks } from "../task/task.sql.ts";
import { lockMembers } from "../user/row.ts";
import { personOf } from "../user/person.sql.ts";
import { toInfo } from "./report.ts";
import { type QueueInput, paging } from "./queue-input.ts";
import { reports } from "./report.sql.ts";
import type { AdminInfo } from "./schema.ts";

const columns = {
  ...getTableColumns(reports),
  reporter: personOf(reports.reporterId),
  targetOwner: personOf(reports.targetOwnerId),
};
type Row = typeof reports.$inferSelect & {
  readonly reporter: AdminInfo["reporter"];
  readonly targetOwner: AdminInfo["target_owner"];
};

/** Condition that excludes reports about the admin themselves, so that they do not learn their reporter. */
const visibleTo = (adminId: string): SQL => ne(reports.targetOwnerId, adminId);

/** Reports that match all filters, oldest first; open ones unless `status` is set. Admins only. */
export async function list(input: v.InferOutput<typeof QueueInput.ListQuery>): Promise<Page.Page<AdminInfo>> {
  const { userId } = Actor.memberWith("admin");
  const rows = await Db.use()
    .select(columns)
    .from(reports)
    .where(
      and(
        visibleTo(userId),
        input.status === "all" ? undefined : eq(reports.status, input.status),
        optionalCondition(input.target_type, (type) => eq(reports.targetType, type)),
        optionalCondition(input.reason, (reason) => eq(reports.reason, reason)),
        optionalCondition(input.target, (target) => eq(reports.targetId, target)),
        optionalCondition(input.cursor, ([last]) => gt(reports.id, last)),
      ),
    )
    .orderBy(asc(reports.id))
    .limit(input.limit + 1);
  return paging.page(rows, input.limit, (row) => [row.id], toAdminInfo);
}

/**
 * One report. Admins only.
 * @throws AppError FORBIDDEN; NOT_FOUND, also for a report about the admin
 */
export async function get(reportId: string): Promise<AdminInfo> {
  return toAdminInfo(await load(reportId));
}

/**
 * Resolves a report, and with `include_same_target` all open reports of the same target. Only records the outcome:
 * content must be hidden before the outcome `hidden` is allowed. Admins only; audited.
 * @throws AppError FORBIDDEN; NOT_FOUND, also for a report about the admin; ALREADY_RESOLVED; RULE_VIOLATED for
 * `hidden` while the content is visible
 */
export async function resolve(
  reportId: string,
  input: v.InferOutput<typeof QueueInput.Resolution>,
): Promise<AdminInfo> {
  const admin = Actor.memberWith("admin");
  return Event.act(async () => {
    const report = await load(reportId);
    const which = input.include_same_target ? sameTarget(report) : eq(reports.id, reportId);
    // Locks the reporters, who will be notified, before their reports: the deletion of an account locks in the same
    // order, and another order could deadlock.
    const reporters = await Db.use().select({ id: reports.reporterId }).from(reports).where(which);
    await lockMembers(reporters.map(({ id }) => id));
    // Locks in the order of ids, so that two admins cannot deadlock.
    const open = await Db.use()
      .select({ id: reports.id })
      .from(reports)
      .where(which)
      .orderBy(asc(reports.id))
      .for("update");
    await assertOpen(reportId);
    if (input.outcome === "hidden" && !(await isHidden(report)))
      throw new AppError("RULE_VIOLATED", { detail: "Hide the content first, or choose another outcome." });
    const rows = await Db.use()
      .update(reports)
      .set({
        status: "resolved",
        outcome: input.outcome,
        note: input.note || null,
        resolvedBy: admin.userId,
        resolvedAt: Clock.now(),
      })
      .where(
        inArray(
          reports.id,
          open.map(({ id }) => id),
        ),
      )
      .returning(columns);
    const own = rows.find(({ id }) => id === reportId);
    if (!own) throw new AppError("ALREADY_RESOLVED");
    await Audit.record("report.resolve", "report", reportId, {
      outcome: input.outcome,
      target_type: report.targetType,
      target_id: report.targetId,
      reports: rows.length,
    });
    await notify(
      rows.map((row) => row.reporterId),
      { kind: "report_decided", actorId: null, outcome: input.outcome, ...subjectOf(report) },
    );
    return toAdminInfo(own);
  });
}

const sameTarget = (report: Row) =>
  and(eq(reports.targetType, report.targetType), eq(reports.targetId, report.targetId), eq(reports.status, "open"));

/**
 * Reads a report that the current admin may see.
 * @throws AppError NOT_FOUND
 */
async function load(reportId: string): Promise<Row> {
  const { userId } = Actor.memberWith("admin");
  const [row] = await Db.use()
    .select(columns)
    .from(reports)
    .where(and(eq(reports.id, reportId), visibleTo(userId)));
  if (!row) throw new AppError("NOT_FOUND");
  return row;
}

/**
 * Checks that a report is open; must run after the report is locked.
 * @throws AppError ALREADY_RESOLVED
 */
async function assertOpen(reportId: string): Promise<void> {
  if ((await load(reportId)).status !== "open") throw new AppError("ALREADY_RESOLVED");
}

function subjectOf({ targetType, targetId }: Row): Partial<Notice> {
  if (targetType === "task") return { taskId: targetId };
  if (targetType === "contribution") return { contributionId: targetId };
  if (targetType === "evidence") return { evidenceId: targetId };
  return targetType === "comment" ? { commentId: targetId } : {};
}

async function isHidden({ targetType, targetId }: Row): Promise<boolean> {
  const [row] = await (targetType === "user" ? pictureOf(targetId) : contentOf(targetType, targetId));
  return row !== undefined && row.hiddenAt !== null;
}

function contentOf(type: Exclude<Row["targetType"], "user">, id: string) {
  const table = { task: tasks, contribution: contributions, evidence, comment: comments }[type];
  return Db.use().select({ hiddenAt: table.hiddenAt }).from(table).where(eq(table.id, id));
}

/** The profile picture is the only part of a member that an admin can hide. */
const pictureOf = (userId: string) =>
  Db.use()
    .select({ hiddenAt: avatars.hiddenAt })
    .from(avatars)
    .where(and(eq(avatars.userId, userId), eq(avatars.status, "accepted")));

function toAdminInfo(row: Row): AdminInfo {
  return {
    ...toInfo(row),
    reporter_id: row.reporterId,
    reporter: row.reporter,
    target_owner_id: row.targetOwnerId,
    target_owner: row.targetOwner,
    outcome: row.outcome,
    note: row.note,
    resolved_by: row.resolvedBy,
    resolved_at: row.resolvedAt?.toISOString() ?? null,
  };
}

export * as ReportQueue from "./queue.ts";
