import { type SQL, and, asc, eq, inArray, isNull, lt, notExists, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { EVIDENCE_RETENTION_DAYS } from "../platform/bounds.ts";
import { Clock } from "../platform/clock.ts";
import { Db } from "../platform/db/index.ts";
import { webhookEvents, webhookFailures } from "../outbox/event.sql.ts";
import { avatars } from "./avatar/avatar.sql.ts";
import { evidence, uploads, witnesses } from "./evidence/evidence.sql.ts";
import { StoredResponses } from "../platform/idempotency/index.ts";
import { invitations } from "./invitation/invitation.sql.ts";
import { Quota } from "../platform/limit/index.ts";
import { notifications } from "./notification/notification.sql.ts";
import { reports } from "./report/report.sql.ts";
import { loginAddresses, passwordResets, refreshTokens, sessions } from "./session/session.sql.ts";
import { formerUsernames } from "./user/user.sql.ts";

/**
 * Retention periods of records (platform.md §2, retention). Idempotency records have their own expiry; files follow the
 * bucket's rules.
 */
const DELIVERED_EVENT_DAYS = 30;
const FAILURE_DAYS = 90;
const EXPIRED_TOKEN_DAYS = 30;
const RESOLVED_REPORT_DAYS = 365;
const LOGIN_ADDRESS_DAYS = 90;
const NOTIFICATION_DAYS = 180;
/** Short, since an unused invitation contains the address of a person who is not a member. */
const EXPIRED_INVITATION_DAYS = 7;
const EXPIRED_RESET_DAYS = 1;
/** Longer than the 24 hours for which an upload of a profile picture counts towards its member's limit. */
const ENDED_AVATAR_DAYS = 7;
/**
 * Maximum number of rows of each kind that one call removes: more than acts create between two sweeps, and few enough
 * for a call to take less than a second.
 */
const AT_ONCE = 5_000;

const daysAgo = (days: number) => new Date(Clock.now().getTime() - days * 86_400_000);

/** Numbers of removed records. */
export interface Removed {
  readonly events: number;
  readonly failures: number;
  readonly tokens: number;
  readonly evidence: number;
  readonly uploads: number;
  readonly avatars: number;
  readonly reports: number;
  readonly idempotency_keys: number;
  readonly former_usernames: number;
  readonly login_addresses: number;
  readonly invitations: number;
  readonly password_resets: number;
  readonly quotas: number;
  readonly sessions: number;
  readonly notifications: number;
}

/**
 * Removes expired records, at most {@link AT_ONCE} rows of each kind. Called by a sweep, which runs after acts: then
 * the database is in use anyway, and without acts the tables do not grow.
 */
export async function removeExpired(): Promise<Removed> {
  const failures = await removeFailures();
  const events = await removeDelivered();
  const tokens = await Db.use()
    .delete(refreshTokens)
    .where(inArray(refreshTokens.id, overdue(refreshTokens.id, refreshTokens.expiresAt, EXPIRED_TOKEN_DAYS)))
    .returning({ id: refreshTokens.id });
  return {
    events,
    failures,
    tokens: tokens.length,
    evidence: await removeEvidence(),
    uploads: await removeUploads(),
    avatars: await removeAvatars(),
    reports: await removeReports(),
    idempotency_keys: await StoredResponses.removeExpired(AT_ONCE),
    former_usernames: await removeFreeNames(),
    login_addresses: await removeLoginAddresses(),
    invitations: await removeInvitations(),
    password_resets: await removeResets(),
    quotas: await Quota.removeExpired(Clock.now(), AT_ONCE),
    sessions: await removeSessions(),
    notifications: await removeNotifications(),
  };
}

/** The ids of rows whose `at` is more than `days` ago, oldest first, locked; skips rows locked by others. */
function overdue(id: PgColumn, at: PgColumn, days: number, also?: SQL) {
  return Db.use()
    .select({ id: sql<string>`${id}` })
    .from(id.table)
    .where(and(lt(at, daysAgo(days)), also))
    .orderBy(asc(at))
    .limit(AT_ONCE)
    .for("update", { skipLocked: true });
}

async function removeInvitations(): Promise<number> {
  const isUnused = isNull(invitations.acceptedAt);
  const ids = overdue(invitations.id, invitations.expiresAt, EXPIRED_INVITATION_DAYS, isUnused);
  const removed = await Db.use()
    .delete(invitations)
    .where(inArray(invitations.id, ids))
    .returning({ id: invitations.id });
  return removed.length;
}

async function removeResets(): Promise<number> {
  const ids = overdue(passwordResets.id, passwordResets.expiresAt, EXPIRED_RESET_DAYS);
  const removed = await Db.use()
    .delete(passwordResets)
    .where(inArray(passwordResets.id, ids))
    .returning({ id: passwordResets.id });
  return removed.length;
}

/** Removes sessions all of whose tokens have been removed. */
async function removeSessions(): Promise<number> {
  const hasTokens = Db.use()
    .select({ one: sql`1` })
    .from(refreshTokens)
    .where(eq(refreshTokens.familyId, sessions.id));
  const ids = overdue(sessions.id, sessions.lastUsedAt, EXPIRED_TOKEN_DAYS, notExists(hasTokens));
  const removed = await Db.use().delete(sessions).where(inArray(sessions.id, ids)).returning({ id: sessions.id });
  return removed.length;
}

async function removeNotifications(): Promise<number> {
  const ids = overdue(notifications.id, notifications.createdAt, NOTIFICATION_DAYS);
  const removed = await Db.use()
    .delete(notifications)
    .where(inArray(notifications.id, ids))
    .returning({ id: notifications.id });
  return removed.length;
}

async function removeLoginAddresses(): Promise<number> {
  const old = Db.use()
    .select({ key: loginAddresses.key })
    .from(loginAddresses)
    .where(lt(loginAddresses.lastUsedAt, daysAgo(LOGIN_ADDRESS_DAYS)))
    .orderBy(asc(loginAddresses.lastUsedAt))
    .limit(AT_ONCE)
    .for("update", { skipLocked: true });
  const removed = await Db.use()
    .delete(loginAddresses)
    .where(inArray(loginAddresses.key, old))
    .returning({ key: loginAddresses.key });
  return removed.length;
}

async function removeFreeNames(): Promise<number> {
  const free = overdue(formerUsernames.nameHash, formerUsernames.freeAt, 0);
  const removed = await Db.use().delete(formerUsernames).where(inArray(formerUsernames.nameHash, free)).returning();
  return removed.length;
}

/** Removes pieces of evidence after the retention period, together with their witnesses. */
async function removeEvidence(): Promise<number> {
  return Db.transaction(async () => {
    const old = await overdue(evidence.id, evidence.createdAt, EVIDENCE_RETENTION_DAYS);
    const ids = old.map(({ id }) => id);
    if (ids.length === 0) return 0;
    await Db.use().delete(witnesses).where(inArray(witnesses.evidenceId, ids));
    await Db.use().delete(evidence).where(inArray(evidence.id, ids));
    return ids.length;
  });
}

/**
 * A used upload stays as long as its evidence; an upload that was never used ends earlier
 * (`evidence/unused-uploads.ts`).
 */
async function removeUploads(): Promise<number> {
  const isUsed = Db.use()
    .select({ one: sql`1` })
    .from(evidence)
    .where(eq(evidence.uploadId, uploads.id));
  const ids = overdue(
    uploads.id,
    uploads.createdAt,
    EVIDENCE_RETENTION_DAYS,
    and(eq(uploads.status, "used"), notExists(isUsed)),
  );
  const removed = await Db.use().delete(uploads).where(inArray(uploads.id, ids)).returning({ id: uploads.id });
  return removed.length;
}

/** Removes refused, replaced and removed profile pictures whose originals are erased. */
async function removeAvatars(): Promise<number> {
  const isEnded = and(sql`${avatars.status} in ('refused', 'removed')`, isNull(avatars.objectKey));
  const ids = overdue(avatars.id, avatars.updatedAt, ENDED_AVATAR_DAYS, isEnded);
  const removed = await Db.use().delete(avatars).where(inArray(avatars.id, ids)).returning({ id: avatars.id });
  return removed.length;
}

async function removeReports(): Promise<number> {
  const ids = overdue(reports.id, reports.resolvedAt, RESOLVED_REPORT_DAYS);
  const removed = await Db.use().delete(reports).where(inArray(reports.id, ids)).returning({ id: reports.id });
  return removed.length;
}

/**
 * Removes delivered events. An event that was dead-lettered before its delivery stays as long as the record of its
 * failure.
 */
async function removeDelivered(): Promise<number> {
  const ids = overdue(webhookEvents.id, webhookEvents.deliveredAt, DELIVERED_EVENT_DAYS, hasNoFailure());
  return removeEvents(inArray(webhookEvents.id, ids));
}

/** A dead event is removed with the last record of its failure. */
async function removeFailures(): Promise<number> {
  return Db.transaction(async () => {
    const ids = overdue(webhookFailures.id, webhookFailures.failedAt, FAILURE_DAYS);
    const removed = await Db.use()
      .delete(webhookFailures)
      .where(inArray(webhookFailures.id, ids))
      .returning({ eventId: webhookFailures.eventId });
    const eventIds = removed.flatMap(({ eventId }) => eventId ?? []);
    if (eventIds.length > 0)
      await removeEvents(and(inArray(webhookEvents.id, eventIds), eq(webhookEvents.status, "dead"), hasNoFailure()));
    return removed.length;
  });
}

async function removeEvents(which: SQL | undefined): Promise<number> {
  const removed = await Db.use().delete(webhookEvents).where(which).returning({ id: webhookEvents.id });
  return removed.length;
}

const hasNoFailure = () =>
  notExists(
    Db.use()
      .select({ one: sql`1` })
      .from(webhookFailures)
      .where(eq(webhookFailures.eventId, webhookEvents.id)),
  );

export * as Retention from "./retention.ts";
