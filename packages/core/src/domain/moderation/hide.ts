import { and, eq } from "drizzle-orm";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { avatars } from "../avatar/avatar.sql.ts";
import { Cache } from "../../platform/cache/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Comment } from "../comment/comment.ts";
import { comments } from "../task/comment.sql.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { Contribution } from "../contribution/index.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { evidence } from "../evidence/evidence.sql.ts";
import { Evidence, EvidenceQueue } from "../evidence/index.ts";
import { notify } from "../notification/notify.ts";
import { Task, TaskRow, updateTask } from "../task/index.ts";
import { User } from "../user/index.ts";
import { lockMembers } from "../user/row.ts";
import { users } from "../user/user.sql.ts";
import { HIDDEN, type Reason, assertNotConcerned, decision, record } from "./decision.ts";

/**
 * Hides a task from all members but its creator, its assignee and admins; while it is hidden, no member can claim it or
 * work on it. Admins only; audited. Hiding it again replaces the reason.
 * @throws AppError NOT_FOUND; FORBIDDEN, also for the creator and the assignee
 */
export function hideTask(taskId: string, input: Reason): Promise<Task.Info> {
  return changeTask(taskId, input);
}

/**
 * Shows a task again. Admins only; audited.
 * @throws AppError NOT_FOUND; FORBIDDEN, also for the creator and the assignee
 */
export function unhideTask(taskId: string): Promise<Task.Info> {
  return changeTask(taskId);
}

async function changeTask(taskId: string, input?: Reason): Promise<Task.Info> {
  const admin = Actor.memberWith("admin");
  return Event.act(async () => {
    const task = await TaskRow.lockTask(taskId);
    assertNotConcerned(admin.userId, [task.row.creatorId, ...task.row.assignees.map(({ user }) => user.id)]);
    await updateTask(task, decision(input, admin.userId));
    await record("task", taskId, input);
    if (input) await notify([task.row.creatorId], { ...HIDDEN, taskId });
    return Task.get(taskId);
  });
}

/**
 * Hides a contribution, with its evidence, from all members but its owner and admins; while it is hidden, it accepts no
 * evidence and no votes. Admins only; audited. Hiding it again replaces the reason.
 * @throws AppError NOT_FOUND; FORBIDDEN, also for the owner
 */
export function hideContribution(contributionId: string, input: Reason): Promise<Contribution.Info> {
  return changeContribution(contributionId, input);
}

/**
 * Shows a contribution again. Admins only; audited.
 * @throws AppError NOT_FOUND; FORBIDDEN, also for the owner
 */
export function unhideContribution(contributionId: string): Promise<Contribution.Info> {
  return changeContribution(contributionId);
}

async function changeContribution(contributionId: string, input?: Reason): Promise<Contribution.Info> {
  const admin = Actor.memberWith("admin");
  return Event.act(async () => {
    await lockMembers();
    const { userId } = await ownerAndStatus(contributionId, "update");
    assertNotConcerned(admin.userId, [userId]);
    const row = Db.only(
      await Db.use()
        .update(contributions)
        .set({ ...decision(input, admin.userId), updatedAt: Clock.now() })
        .where(eq(contributions.id, contributionId))
        .returning(Contribution.columns),
    );
    await record("contribution", contributionId, input);
    if (input) await notify([userId], { ...HIDDEN, contributionId });
    return Contribution.toInfo(row);
  });
}

/**
 * Hides a piece of evidence from all members but its submitter and admins; while it is hidden, it does not count.
 * Admins only; audited. Hiding it again replaces the reason.
 * @throws AppError NOT_FOUND; FORBIDDEN, also for its submitter, the contribution's owner and the witnesses that it
 * names by id
 */
export function hideEvidence(evidenceId: string, input: Reason): Promise<Evidence.Info> {
  return changeEvidence(evidenceId, input);
}

/**
 * Shows a piece of evidence again; if its examination was interrupted, it is enqueued again. Admins only; audited.
 * @throws AppError NOT_FOUND; FORBIDDEN, also for its submitter, the contribution's owner and the witnesses that it
 * names by id
 */
export function unhideEvidence(evidenceId: string): Promise<Evidence.Info> {
  return changeEvidence(evidenceId);
}

async function changeEvidence(evidenceId: string, input?: Reason): Promise<Evidence.Info> {
  const admin = Actor.memberWith("admin");
  return Event.act(async () => {
    await lockMembers();
    const [found] = await Db.use()
      .select({ contributionId: evidence.contributionId, submittedBy: evidence.submittedBy })
      .from(evidence)
      .where(eq(evidence.id, evidenceId));
    if (!found) throw new AppError("NOT_FOUND");
    // Takes the lock that the acceptance of a piece of evidence and the deciding vote take too: hiding a piece changes the score, which
    // must not change while the contribution is decided.
    const { userId: ownerId } = await ownerAndStatus(found.contributionId, "no key update");
    const named = await Evidence.witnessesOf([evidenceId]);
    assertNotConcerned(admin.userId, [found.submittedBy, ownerId, ...named.map(({ witnessId }) => witnessId)]);
    const [row] = await Db.use()
      .update(evidence)
      .set({ ...decision(input, admin.userId), updatedAt: Clock.now() })
      .where(eq(evidence.id, evidenceId))
      .returning({ status: evidence.status });
    if (!row) throw new AppError("NOT_FOUND");
    if (!input && row.status === "examining") Event.afterAct(() => EvidenceQueue.enqueue(evidenceId));
    await record("evidence", evidenceId, input);
    if (input) await notify([found.submittedBy], { ...HIDDEN, contributionId: found.contributionId, evidenceId });
    return Evidence.get(evidenceId);
  });
}

/**
 * Hides a comment from all members but its author and admins. Admins only; audited. Hiding it again replaces the reason.
 * @throws AppError NOT_FOUND; FORBIDDEN, also for its author
 */
export function hideComment(commentId: string, input: Reason): Promise<Comment.Info> {
  return changeComment(commentId, input);
}

/**
 * Shows a comment again. Admins only; audited.
 * @throws AppError NOT_FOUND; FORBIDDEN, also for its author
 */
export function unhideComment(commentId: string): Promise<Comment.Info> {
  return changeComment(commentId);
}

async function changeComment(commentId: string, input?: Reason): Promise<Comment.Info> {
  const admin = Actor.memberWith("admin");
  return Event.act(async () => {
    await lockMembers();
    const { authorId, taskId, contributionId } = await Comment.loadVisible(commentId);
    assertNotConcerned(admin.userId, [authorId]);
    await Db.use().update(comments).set(decision(input, admin.userId)).where(eq(comments.id, commentId));
    await record("comment", commentId, input);
    if (input) await notify([authorId], { ...HIDDEN, taskId, contributionId, commentId });
    return Comment.get(commentId);
  });
}

/**
 * Hides a member's profile picture from everyone; the member can read the reason. A picture that the member sets later
 * is shown. Admins only; audited. Hiding it again replaces the reason.
 * @throws AppError NOT_FOUND for a member without a picture; FORBIDDEN, also for the member
 */
export function hideAvatar(userId: string, input: Reason): Promise<User.Info> {
  return changeAvatar(userId, input);
}

/**
 * Shows a profile picture again. Admins only; audited.
 * @throws AppError NOT_FOUND for a member without a picture; FORBIDDEN, also for the member
 */
export function unhideAvatar(userId: string): Promise<User.Info> {
  return changeAvatar(userId);
}

async function changeAvatar(userId: string, input?: Reason): Promise<User.Info> {
  const admin = Actor.memberWith("admin");
  return Event.act(async () => {
    assertNotConcerned(admin.userId, [userId]);
    // Takes the lock that a change of the picture by the member and the acceptance of a newer one take too, so that the
    // decision runs before or after them.
    await lockMembers([userId], "no key update");
    const [row] = await Db.use()
      .update(avatars)
      .set({ ...decision(input, admin.userId), updatedAt: Clock.now() })
      .where(and(eq(avatars.userId, userId), eq(avatars.status, "accepted")))
      .returning({ name: avatars.name });
    if (!row) throw new AppError("NOT_FOUND");
    await Db.use()
      .update(users)
      .set({ avatar: input ? null : row.name })
      .where(eq(users.id, userId));
    await Cache.invalidate("tasks"); // cached lists of tasks contain the picture's path
    await Audit.record(`avatar.${input ? "hide" : "unhide"}`, "user", userId, input ? { reason: input.reason } : {});
    if (input) await notify([userId], HIDDEN);
    return User.get(userId);
  });
}

export * as Moderation from "./hide.ts";
