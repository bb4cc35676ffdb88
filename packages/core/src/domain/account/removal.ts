import { randomBytes } from "node:crypto";
import { type SQL, and, eq, inArray, isNotNull, isNull, ne, or, sql } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { GONE, avatars } from "../avatar/avatar.sql.ts";
import { blocks } from "../block/block.sql.ts";
import { Cache } from "../../platform/cache/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Erasure } from "./erasure/index.ts";
import { AppError } from "../../platform/error.ts";
import { Sweep } from "../../outbox/index.ts";
import { ERASED_TEXTS } from "../../platform/erased.ts";
import { witnesses } from "../evidence/evidence.sql.ts";
import { idempotencyKeys } from "../../platform/idempotency/idempotency.sql.ts";
import { invitations } from "../invitation/invitation.sql.ts";
import { removeFactors } from "./mfa.ts";
import { digests, notificationSettings, notifications, pushSubscriptions } from "../notification/notification.sql.ts";
import { notify } from "../notification/notify.ts";
import { reports } from "../report/report.sql.ts";
import { reputationCache } from "../reputation/reputation.sql.ts";
import { OwnPassword, SessionRecord } from "../session/index.ts";
import { loginAddresses, passwordResets, sessions } from "../session/session.sql.ts";
import { releaseAll } from "../task/index.ts";
import { CLEARED_LOCATION, taskAssignments, tasks } from "../task/task.sql.ts";
import { FormerNames } from "../user/index.ts";
import { lockAccounts } from "../user/row.ts";
import { userSkills, users } from "../user/user.sql.ts";

/** Number of the advisory lock that all deletions take; no other advisory lock uses this number. */
const DELETIONS = 7_302_115;

/**
 * Deletes the current member's account, in one transaction: erases name, address, password and profile, revokes every
 * session, opens assigned tasks again, and cancels the member's own open tasks. Contributions, evidence, votes and
 * vouches stay as the audit trail of an anonymous member; their texts and uploads are erased afterwards, in steps
 * ({@link Erasure}). A deletion cannot be undone, so the password is required again.
 * @param address the client address
 * @throws AppError WRONG_PASSWORD, RATE_LIMITED, ACCOUNT_LOCKED
 */
export async function remove({ password }: v.InferOutput<typeof OwnPassword.Proof>, address: string): Promise<void> {
  const { userId } = Actor.member();
  await OwnPassword.prove(password, address);
  await Sweep.arm(); // if a crash follows the commit, the sweep enqueues the erasure
  await Db.transaction(async () => {
    const db = Db.use();
    const now = Clock.now();
    // Runs one deletion at a time. If a creator and their assignee delete their accounts at once, the second deletion
    // must see the first one, to cancel the task that no member can manage any more.
    await db.execute(sql`select pg_advisory_xact_lock(${DELETIONS})`);
    const row = await lockForRemoval(userId);
    if (!row || row.deletedAt) throw new AppError("UNAUTHENTICATED");
    await releaseAll(userId);
    const orphaned = await returnTasks(userId, now);
    await cancelOpenTasks(inArray(tasks.id, orphaned), now);
    await cancelOpenTasks(eq(tasks.creatorId, userId), now);
    // Removes attendance marks: each mark is another member's opinion about the deleted member, which the audit trail
    // does not need.
    await db
      .update(taskAssignments)
      .set({ wasPresent: null, markedBy: null, markedAt: null })
      .where(and(eq(taskAssignments.userId, userId), isNotNull(taskAssignments.markedAt)));
    await db.delete(userSkills).where(eq(userSkills.userId, userId));
    await removeFactors(userId);
    await db.delete(loginAddresses).where(eq(loginAddresses.userId, userId));
    await db.delete(passwordResets).where(eq(passwordResets.userId, userId));
    await removeInvitations(userId);
    await db.delete(reputationCache).where(eq(reputationCache.userId, userId));
    // Deletes stored responses for replays, which may contain the member's account.
    await db
      .delete(idempotencyKeys)
      .where(or(eq(idempotencyKeys.scope, `user:${userId}`), eq(idempotencyKeys.subjectId, userId)));
    await db.update(witnesses).set({ witnessName: ERASED_TEXTS.member }).where(eq(witnesses.witnessId, userId));
    await db.delete(blocks).where(or(eq(blocks.blockerId, userId), eq(blocks.blockedId, userId)));
    await clearReports(userId, now);
    await db.delete(notifications).where(eq(notifications.userId, userId));
    await db.delete(pushSubscriptions).where(eq(pushSubscriptions.userId, userId));
    await db
      .update(avatars)
      .set({ ...GONE, updatedAt: now })
      .where(eq(avatars.userId, userId));
    await db.delete(digests).where(eq(digests.userId, userId));
    await db.delete(notificationSettings).where(eq(notificationSettings.userId, userId));
    await FormerNames.disown(userId);
    await FormerNames.reserve(row.username, null);
    await Erasure.request(userId, row.username);
    await SessionRecord.revokeAll(userId);
    await db.update(sessions).set({ device: null, network: null }).where(eq(sessions.userId, userId));
    // A random name: another member could take a predictable name beforehand, which would make the deletion fail.
    const name = `deleted-${randomBytes(8).toString("hex")}`;
    await db
      .update(users)
      .set({
        username: name,
        email: `${name}@deleted.invalid`,
        emailVerifiedAt: null,
        admittedAt: null,
        passwordHash: null,
        displayName: null,
        bio: null,
        language: null,
        location: null,
        avatar: null,
        roles: ["contributor"],
        deletedAt: now,
        updatedAt: now,
      })
      .where(eq(users.id, userId));
    await Cache.invalidate("tasks");
    await Audit.record("user.delete", "user", userId);
  });
}

/**
 * Locks the account for its deletion, and the accounts of the creators who are notified that a task was given back.
 * Locks in the order of ids, as `lockMembers` and blocks do. Waits for transactions that have locked this member,
 * so that the deletion sees their changes.
 */
async function lockForRemoval(userId: string) {
  const creators = await Db.use()
    .selectDistinct({ id: tasks.creatorId })
    .from(taskAssignments)
    .innerJoin(tasks, eq(tasks.id, taskAssignments.taskId))
    .where(and(eq(taskAssignments.userId, userId), isNull(taskAssignments.endedAt), ne(tasks.creatorId, userId)));
  const ids = creators.map(({ id }) => id);
  await lockAccounts(ids.filter((id) => id < userId));
  const [row] = await Db.use()
    .select({ username: users.username, deletedAt: users.deletedAt })
    .from(users)
    .where(eq(users.id, userId))
    .for("update");
  await lockAccounts(ids.filter((id) => id > userId));
  return row;
}

/**
 * Removes unused invitations that the member sent or that were sent to their address. Used invitations stay: they
 * contain only ids, and permit the members who joined with them to vouch.
 */
async function removeInvitations(userId: string): Promise<void> {
  const own = Db.use().select({ email: users.email }).from(users).where(eq(users.id, userId));
  await Db.use()
    .delete(invitations)
    .where(and(eq(invitations.invitedBy, userId), isNull(invitations.acceptedAt)));
  await Db.use().delete(invitations).where(inArray(invitations.email, own));
}

/**
 * Removes the texts of the member's own reports, which stay open, and the notes of reports that they resolved. Closes
 * reports about the member or their content: the account is deleted and the content erased.
 */
async function clearReports(userId: string, now: Date): Promise<void> {
  const db = Db.use();
  await db.update(reports).set({ details: null }).where(eq(reports.reporterId, userId));
  await db.update(reports).set({ note: null }).where(eq(reports.resolvedBy, userId));
  await db
    .update(reports)
    .set({ status: "resolved", outcome: "account_deleted", resolvedAt: now })
    .where(and(eq(reports.targetOwnerId, userId), eq(reports.status, "open")));
  await db.update(reports).set({ details: null, note: null }).where(eq(reports.targetOwnerId, userId));
}

/**
 * Opens the tasks again that the member had taken.
 * @returns the ids of tasks that no member can manage any more, since their creators are deleted too
 */
async function returnTasks(userId: string, now: Date): Promise<string[]> {
  const db = Db.use();
  const opened = await db
    .update(tasks)
    .set({ status: "open", assigneeId: null, startedAt: null, updatedAt: now })
    .where(and(eq(tasks.assigneeId, userId), inArray(tasks.status, ["assigned", "in_progress"])))
    .returning({ id: tasks.id, creatorId: tasks.creatorId });
  await db
    .update(taskAssignments)
    .set({ endedAt: now, endedAs: "unassigned" })
    .where(
      and(
        inArray(
          taskAssignments.taskId,
          opened.map((task) => task.id),
        ),
        isNull(taskAssignments.endedAt),
      ),
    );
  for (const { id: taskId, creatorId } of opened)
    await notify([creatorId], { kind: "task_given_back", actorId: null, taskId });
  const creatorIds = opened.map((task) => task.creatorId);
  const gone = await db
    .select({ id: users.id })
    .from(users)
    .where(and(inArray(users.id, creatorIds), isNotNull(users.deletedAt)));
  return opened.filter((task) => gone.some(({ id }) => id === task.creatorId)).map((task) => task.id);
}

/** Cancels open tasks, and erases the location of finished ones. */
async function cancelOpenTasks(which: SQL, now: Date): Promise<void> {
  const db = Db.use();
  await db
    .update(tasks)
    .set({ status: "cancelled", cancelledAt: now, updatedAt: now })
    .where(and(which, eq(tasks.status, "open")));
  await db
    .update(tasks)
    .set(CLEARED_LOCATION)
    .where(and(which, inArray(tasks.status, ["cancelled", "completed"])));
}
