import { and, count, eq, gt, min } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Comment } from "../comment/comment.ts";
import { Config } from "../../platform/config.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { evidence } from "../evidence/evidence.sql.ts";
import { EvidenceView } from "../evidence/index.ts";
import { Id } from "../../platform/id.ts";
import { TaskRow } from "../task/index.ts";
import { lockMembers } from "../user/row.ts";
import type { ReportInput } from "./input.ts";
import type { TARGET_TYPES } from "./kinds.ts";
import { reports } from "./report.sql.ts";
import type { Info } from "./schema.ts";

export type { Info } from "./schema.ts";

type TargetType = (typeof TARGET_TYPES)[number];

const DAY_SECONDS = 86_400;

/**
 * Reports content or a member to the admins. The reported member never learns the reporter. At most
 * `REPORT_LIMIT_PER_DAY` a day, and one open report for each target.
 * @throws AppError NOT_FOUND for a target that the member cannot see; RULE_VIOLATED for their own; ALREADY_REPORTED;
 * RATE_LIMITED
 */
export async function create(
  targetType: TargetType,
  targetId: string,
  input: v.InferOutput<typeof ReportInput.Creation>,
): Promise<Info> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    // Locks the reporter, so that their reports run one after another and the limit counts all of them.
    await lockMembers([], "no key update");
    const targetOwnerId = await ownerOf(targetType, targetId);
    if (targetOwnerId === userId)
      throw new AppError("RULE_VIOLATED", { detail: "Members cannot report themselves or what is their own." });
    await assertBelowLimit(userId);
    const [row] = await Db.use()
      .insert(reports)
      .values({
        id: Id.uuid(),
        reporterId: userId,
        targetType,
        targetId,
        targetOwnerId,
        reason: input.reason,
        details: input.details || null,
        createdAt: Clock.now(),
      })
      .onConflictDoNothing()
      .returning();
    if (!row) throw new AppError("ALREADY_REPORTED");
    return toInfo(row);
  });
}

/**
 * The owner of a target that the current member can see.
 * @throws AppError NOT_FOUND
 */
async function ownerOf(targetType: TargetType, targetId: string): Promise<string> {
  switch (targetType) {
    case "task":
      return (await TaskRow.load(targetId)).creatorId;
    case "contribution":
      return (await ownerAndStatus(targetId)).userId;
    case "evidence": {
      const [row] = await Db.use()
        .select({ contributionId: evidence.contributionId, submittedBy: evidence.submittedBy })
        .from(evidence)
        .where(and(eq(evidence.id, targetId), EvidenceView.visible()));
      if (!row) throw new AppError("NOT_FOUND");
      await ownerAndStatus(row.contributionId);
      return row.submittedBy;
    }
    case "comment":
      return (await Comment.loadVisible(targetId)).authorId;
    case "user":
      if (!(await lockMembers([targetId])).has(targetId)) throw new AppError("NOT_FOUND");
      return targetId;
  }
}

/**
 * Rejects a report beyond the daily limit, until the oldest report of the last day is a day old.
 * @throws AppError RATE_LIMITED
 */
async function assertBelowLimit(userId: string): Promise<void> {
  const limit = Config.section("rules").REPORT_LIMIT_PER_DAY;
  const now = Clock.now().getTime();
  const [recent] = await Db.use()
    .select({ reports: count(), first: min(reports.createdAt) })
    .from(reports)
    .where(and(eq(reports.reporterId, userId), gt(reports.createdAt, new Date(now - DAY_SECONDS * 1000))));
  if ((recent?.reports ?? 0) < limit) return;
  const passedSeconds = (now - (recent?.first?.getTime() ?? now)) / 1000;
  throw new AppError("RATE_LIMITED", {
    detail: `A member can report at most ${limit} times a day.`,
    retryAfterSeconds: Math.max(1, Math.ceil(DAY_SECONDS - passedSeconds)),
  });
}

export function toInfo(row: typeof reports.$inferSelect): Info {
  return {
    id: row.id,
    target_type: row.targetType,
    target_id: row.targetId,
    reason: row.reason,
    details: row.details,
    status: row.status,
    created_at: row.createdAt.toISOString(),
  };
}

export * as Report from "./report.ts";
