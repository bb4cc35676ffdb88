import { type SQL, and, asc, eq, getTableColumns, gt, ne, or, sql } from "drizzle-orm";
import type { PgColumn } from "drizzle-orm/pg-core";
import { auditLog } from "../../../platform/audit/audit.sql.ts";
import { avatars } from "../../avatar/avatar.sql.ts";
import { blocks } from "../../block/block.sql.ts";
import { comments } from "../../task/comment.sql.ts";
import { contributions } from "../../contribution/contribution.sql.ts";
import { Db } from "../../../platform/db/index.ts";
import { webhookEvents } from "../../../outbox/event.sql.ts";
import { evidence, uploads, witnesses } from "../../evidence/evidence.sql.ts";
import { EvidenceView } from "../../evidence/index.ts";
import { invitations } from "../../invitation/invitation.sql.ts";
import { totpSecrets } from "../../mfa/mfa.sql.ts";
import { shown } from "../../notification/index.ts";
import { notificationSettings, notifications, pushSubscriptions } from "../../notification/notification.sql.ts";
import { reports } from "../../report/report.sql.ts";
import { refreshTokens, sessions } from "../../session/session.sql.ts";
import { taskAssignments, tasks } from "../../task/task.sql.ts";
import { TaskRow } from "../../task/index.ts";
import { verifications } from "../../contribution/verification.sql.ts";
import { vouches } from "../../vouch/vouch.sql.ts";
import { filesOf } from "./files.ts";
import type { Keyed } from "./keyed.ts";
import type { SectionName } from "./query.ts";

export type Plain = Readonly<Record<string, unknown>>;

/** Returns the items of a section after `after`, in key order; `after` is empty at the beginning. */
type Section = (userId: string, after: string, most: number) => Promise<Keyed[]>;

/** Builds a section of whole rows, ordered by id. */
function byId<Row extends { readonly id: string }>(
  id: PgColumn,
  of: (userId: string) => SQL | undefined,
  rows: (which: SQL | undefined, most: number) => PromiseLike<Row[]>,
  toItem: (row: Row) => object = plain,
): Section {
  return async (userId, after, most) => {
    const found = await rows(and(of(userId), after === "" ? undefined : gt(id, after)), most);
    return found.map((row) => ({ key: row.id, item: toItem(row) }));
  };
}

const withoutId = ({ id: _id, ...row }: { readonly id: string }) => plain(row);

export const SECTIONS: Readonly<Record<SectionName, Section>> = {
  tasks_created: byId(
    tasks.id,
    (userId) => eq(tasks.creatorId, userId),
    (which, most) => Db.use().select(TaskRow.stored).from(tasks).where(which).orderBy(asc(tasks.id)).limit(most),
  ),
  task_assignments: byId(
    taskAssignments.id,
    (userId) => eq(taskAssignments.userId, userId),
    (which, most) => Db.use().select().from(taskAssignments).where(which).orderBy(asc(taskAssignments.id)).limit(most),
  ),
  contributions: byId(
    contributions.id,
    (userId) => eq(contributions.userId, userId),
    (which, most) => Db.use().select().from(contributions).where(which).orderBy(asc(contributions.id)).limit(most),
  ),
  evidence: ownEvidence,
  evidence_received: receivedEvidence,
  files: filesOf,
  uploads: byId(
    uploads.id,
    (userId) => eq(uploads.userId, userId),
    (which, most) => Db.use().select().from(uploads).where(which).orderBy(asc(uploads.id)).limit(most),
  ),
  /** Omits the object key and version of the original, which is erased once the picture is made. */
  avatars: byId(
    avatars.id,
    (userId) => eq(avatars.userId, userId),
    (which, most) => {
      const { objectKey: _key, objectVersionId: _version, ...columns } = getTableColumns(avatars);
      return Db.use().select(columns).from(avatars).where(which).orderBy(asc(avatars.id)).limit(most);
    },
    ({ picture, ...row }) => ({
      ...plain(row),
      picture: picture === null ? null : Buffer.from(picture).toString("base64"),
    }),
  ),
  witness_of: byId(
    witnesses.id,
    (userId) => eq(witnesses.witnessId, userId),
    (which, most) => Db.use().select().from(witnesses).where(which).orderBy(asc(witnesses.id)).limit(most),
  ),
  verifications: byId(
    verifications.id,
    (userId) => eq(verifications.verifierId, userId),
    (which, most) => Db.use().select().from(verifications).where(which).orderBy(asc(verifications.id)).limit(most),
  ),
  verifications_received: receivedVotes,
  /** The invitations that the member sent, and the invitation that they accepted. */
  invitations: byId(
    invitations.id,
    (userId) => or(eq(invitations.acceptedBy, userId), eq(invitations.invitedBy, userId)),
    (which, most) => {
      const { tokenHash: _secret, ...columns } = getTableColumns(invitations);
      return Db.use().select(columns).from(invitations).where(which).orderBy(asc(invitations.id)).limit(most);
    },
  ),
  vouches_given: byId(
    vouches.id,
    (userId) => eq(vouches.voucherId, userId),
    (which, most) => Db.use().select().from(vouches).where(which).orderBy(asc(vouches.id)).limit(most),
  ),
  vouches_received: byId(
    vouches.id,
    (userId) => eq(vouches.voucheeId, userId),
    (which, most) => Db.use().select().from(vouches).where(which).orderBy(asc(vouches.id)).limit(most),
  ),
  comments: byId(
    comments.id,
    (userId) => eq(comments.authorId, userId),
    (which, most) => {
      const { hiddenBy: _admin, ...columns } = getTableColumns(comments);
      return Db.use().select(columns).from(comments).where(which).orderBy(asc(comments.id)).limit(most);
    },
  ),
  notifications: byId(
    notifications.id,
    (userId) => eq(notifications.userId, userId),
    (which, most) =>
      Db.use()
        .select({ ...shown, actorId: notifications.actorId })
        .from(notifications)
        .where(which)
        .orderBy(asc(notifications.id))
        .limit(most),
  ),
  /** The notification settings that the member has changed; a member without changes has no row. */
  notification_settings: atMostOne((userId) => {
    const { userId: _own, ...columns } = getTableColumns(notificationSettings);
    return Db.use().select(columns).from(notificationSettings).where(eq(notificationSettings.userId, userId));
  }),
  /** Omits the keys of the device, which are secrets between the device and this platform. */
  push_subscriptions: byId(
    pushSubscriptions.id,
    (userId) => eq(pushSubscriptions.userId, userId),
    (which, most) => {
      const { id, sessionId, endpoint, createdAt } = pushSubscriptions;
      const columns = { id, sessionId, endpoint, createdAt };
      return Db.use().select(columns).from(pushSubscriptions).where(which).orderBy(asc(id)).limit(most);
    },
  ),
  reports: byId(
    reports.id,
    (userId) => eq(reports.reporterId, userId),
    (which, most) => {
      const { id, targetType, targetId, reason, details, status, createdAt } = reports;
      const columns = { id, targetType, targetId, reason, details, status, createdAt };
      return Db.use().select(columns).from(reports).where(which).orderBy(asc(id)).limit(most);
    },
  ),
  blocks: byId(
    blocks.id,
    (userId) => eq(blocks.blockerId, userId),
    (which, most) => Db.use().select().from(blocks).where(which).orderBy(asc(blocks.id)).limit(most),
  ),
  sessions: byId(
    refreshTokens.id,
    (userId) => eq(refreshTokens.userId, userId),
    (which, most) => {
      const { id, createdAt, usedAt, revokedAt, expiresAt } = refreshTokens;
      const columns = { id, createdAt, usedAt, revokedAt, expiresAt };
      return Db.use().select(columns).from(refreshTokens).where(which).orderBy(asc(id)).limit(most);
    },
    withoutId,
  ),
  logins: byId(
    sessions.id,
    (userId) => eq(sessions.userId, userId),
    (which, most) => Db.use().select().from(sessions).where(which).orderBy(asc(sessions.id)).limit(most),
  ),
  /** The time when an authenticator app was enrolled; its secret and the recovery codes are not exported. */
  second_factors: atMostOne((userId) =>
    Db.use()
      .select({ createdAt: totpSecrets.createdAt, confirmedAt: totpSecrets.confirmedAt })
      .from(totpSecrets)
      .where(eq(totpSecrets.userId, userId)),
  ),
  events,
  audit_log: byId(
    auditLog.id,
    (userId) => or(eq(auditLog.actorId, userId), eq(auditLog.targetId, userId)),
    (which, most) => Db.use().select().from(auditLog).where(which).orderBy(asc(auditLog.id)).limit(most),
  ),
};

async function ownEvidence(userId: string, after: string, most: number): Promise<Keyed[]> {
  const rows = await Db.use()
    .select()
    .from(evidence)
    .where(and(eq(evidence.submittedBy, userId), after === "" ? undefined : gt(evidence.id, after)))
    .orderBy(asc(evidence.id))
    .limit(most);
  const named = await EvidenceView.witnessesOf(rows.map(({ id }) => id));
  return rows.map((row) => {
    const own = named.filter((witness) => witness.evidenceId === row.id).map(plain);
    // Omits the columns for the search for similar pictures, which are derived from the picture.
    const { picture_windows: _windows, picture_tokens: _tokens, ...item } = plain(row);
    return { key: row.id, item: { ...item, witnesses: own } };
  });
}

/**
 * Condition for rows after a position. The rows belong to the member's contributions; a position is the contribution's
 * id, then the row's id.
 */
const behind = (contributionId: PgColumn, id: PgColumn, after: string) => {
  const [first, second] = after.split("/");
  return after === "" ? undefined : sql`(${contributionId}, ${id}) > (${first}::uuid, ${second}::uuid)`;
};

/**
 * The evidence that others attached to the member's contributions, with the fields that the owner may see, but without
 * the fields that only the submitter may see.
 */
async function receivedEvidence(userId: string, after: string, most: number): Promise<Keyed[]> {
  const isReceived = and(eq(contributions.userId, userId), ne(evidence.submittedBy, userId), EvidenceView.visible());
  const rows = await Db.use()
    .select(getTableColumns(evidence))
    .from(contributions)
    .innerJoin(evidence, eq(evidence.contributionId, contributions.id))
    .where(and(isReceived, behind(evidence.contributionId, evidence.id, after)))
    .orderBy(asc(evidence.contributionId), asc(evidence.id))
    .limit(most);
  const named = await EvidenceView.witnessesOf(rows.map(({ id }) => id));
  const say = await EvidenceView.voice();
  return rows.map((row) => ({
    key: `${row.contributionId}/${row.id}`,
    item: EvidenceView.describe(row, userId, named, say),
  }));
}

async function receivedVotes(userId: string, after: string, most: number): Promise<Keyed[]> {
  const rows = await Db.use()
    .select(getTableColumns(verifications))
    .from(contributions)
    .innerJoin(verifications, eq(verifications.contributionId, contributions.id))
    .where(and(eq(contributions.userId, userId), behind(verifications.contributionId, verifications.id, after)))
    .orderBy(asc(verifications.contributionId), asc(verifications.id))
    .limit(most);
  return rows.map((row) => ({ key: `${row.contributionId}/${row.id}`, item: plain(row) }));
}

/** A section of which a member has at most one row. */
function atMostOne(rowsOf: (userId: string) => PromiseLike<readonly object[]>): Section {
  return async (userId, after) =>
    after === "" ? (await rowsOf(userId)).map((row) => ({ key: userId, item: plain(row) })) : [];
}

/** The member's events. A cursor contains PostgreSQL's timestamp as a string, since a `Date` has no microseconds. */
async function events(userId: string, after: string, most: number): Promise<Keyed[]> {
  const { id, eventType, createdAt, body } = webhookEvents;
  const [moment, lastId] = after.split("/");
  const rows = await Db.use()
    .select({
      at: sql<string>`to_char(${createdAt} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
      row: { id, eventType, createdAt, body },
    })
    .from(webhookEvents)
    .where(
      and(
        eq(webhookEvents.actorId, userId),
        after === "" ? undefined : sql`(${createdAt}, ${id}) > (${moment}::timestamptz, ${lastId})`,
      ),
    )
    .orderBy(asc(createdAt), asc(id))
    .limit(most);
  return rows.map(({ at, row }) => ({ key: `${at}/${row.id}`, item: plain(row) }));
}

/**
 * A row as JSON: `snake_case` names, RFC 3339 times, without the id of the admin who hid it. Content of JSON columns
 * stays unchanged.
 */
export function plain(row: object): Plain {
  return Object.fromEntries(
    Object.entries(row)
      .filter(([name]) => name !== "hiddenBy")
      .map(([name, value]) => [
        name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value instanceof Date ? value.toISOString() : value,
      ]),
  );
}
