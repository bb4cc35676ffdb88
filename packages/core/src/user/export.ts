import { type SQL, asc, eq, getTableColumns, or } from "drizzle-orm";
import { Actor } from "../actor.ts";
import { Audit } from "../audit/index.ts";
import { auditLog } from "../audit/audit.sql.ts";
import { blocks } from "../block/block.sql.ts";
import { Clock } from "../clock.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { Db } from "../db/index.ts";
import { webhookEvents } from "../event/event.sql.ts";
import { evidence, uploads, witnesses } from "../evidence/evidence.sql.ts";
import { invitations } from "../invitation/invitation.sql.ts";
import { totpSecrets } from "../mfa/mfa.sql.ts";
import { reports } from "../report/report.sql.ts";
import { reputationCache } from "../reputation/reputation.sql.ts";
import { refreshTokens, sessions } from "../session/session.sql.ts";
import { taskAssignments, tasks } from "../task/task.sql.ts";
import { columns as taskColumns } from "../task/info.ts";
import { verifications } from "../verification/verification.sql.ts";
import { vouches } from "../vouch/vouch.sql.ts";
import { type OwnInfo, me } from "./index.ts";

type Plain = Readonly<Record<string, unknown>>;

/** Everything that the platform holds about one member. Field names are those of the tables. */
export interface Everything {
  readonly generated_at: string;
  readonly user: OwnInfo;
  readonly tasks_created: readonly Plain[];
  readonly task_assignments: readonly Plain[];
  readonly contributions: readonly Plain[];
  readonly evidence: readonly Plain[];
  readonly uploads: readonly Plain[];
  /** Where others named the member as a witness. */
  readonly witness_of: readonly Plain[];
  /** Votes of the member, and votes of others on the member's contributions. */
  readonly verifications: readonly Plain[];
  readonly verifications_received: readonly Plain[];
  /** Those that the member sent, and the one that they came by. */
  readonly invitations: readonly Plain[];
  readonly vouches_given: readonly Plain[];
  readonly vouches_received: readonly Plain[];
  /** What the member reported, without what admins noted of it. What others reported of the member is not told: it would tell of them. */
  readonly reports: readonly Plain[];
  /** Whom the member has blocked. */
  readonly blocks: readonly Plain[];
  /** The last one that was read from Markov. */
  readonly reputation: Plain | null;
  /** When sessions began, were renewed and ended; the tokens themselves are not kept. */
  readonly sessions: readonly Plain[];
  /** Each login: when, until when, and from what kind of device and network. */
  readonly logins: readonly Plain[];
  /** Since when there is an authenticator app; its secret and the recovery codes are not told. */
  readonly second_factors: readonly Plain[];
  /** What was told to Markov, byte for byte. */
  readonly events: readonly Plain[];
  readonly audit_log: readonly Plain[];
}

/** All of it, of the member who acts. Audited. */
export async function everything(): Promise<Everything> {
  const { userId } = Actor.member();
  await Audit.record("user.export", "user", userId);
  const db = Db.use();
  return {
    generated_at: Clock.now().toISOString(),
    user: await me(),
    tasks_created: plain(
      await db.select(taskColumns).from(tasks).where(eq(tasks.creatorId, userId)).orderBy(asc(tasks.id)),
    ),
    task_assignments: plain(
      await db
        .select()
        .from(taskAssignments)
        .where(eq(taskAssignments.userId, userId))
        .orderBy(asc(taskAssignments.id)),
    ),
    contributions: plain(
      await db.select().from(contributions).where(eq(contributions.userId, userId)).orderBy(asc(contributions.id)),
    ),
    evidence: await evidenceOf(userId),
    uploads: plain(await db.select().from(uploads).where(eq(uploads.userId, userId)).orderBy(asc(uploads.id))),
    witness_of: plain(
      await db.select().from(witnesses).where(eq(witnesses.witnessId, userId)).orderBy(asc(witnesses.id)),
    ),
    verifications: plain(
      await db.select().from(verifications).where(eq(verifications.verifierId, userId)).orderBy(asc(verifications.id)),
    ),
    verifications_received: await votesOn(userId),
    invitations: plain(await invitationsOf(userId)),
    vouches_given: plain(await db.select().from(vouches).where(eq(vouches.voucherId, userId)).orderBy(asc(vouches.id))),
    vouches_received: plain(
      await db.select().from(vouches).where(eq(vouches.voucheeId, userId)).orderBy(asc(vouches.id)),
    ),
    reports: plain(
      await db
        .select({
          id: reports.id,
          targetType: reports.targetType,
          targetId: reports.targetId,
          reason: reports.reason,
          details: reports.details,
          status: reports.status,
          createdAt: reports.createdAt,
        })
        .from(reports)
        .where(eq(reports.reporterId, userId))
        .orderBy(asc(reports.createdAt)),
    ),
    blocks: plain(await db.select().from(blocks).where(eq(blocks.blockerId, userId)).orderBy(asc(blocks.id))),
    reputation: plain(await db.select().from(reputationCache).where(eq(reputationCache.userId, userId)))[0] ?? null,
    sessions: plain(
      await db
        .select({
          createdAt: refreshTokens.createdAt,
          usedAt: refreshTokens.usedAt,
          revokedAt: refreshTokens.revokedAt,
          expiresAt: refreshTokens.expiresAt,
        })
        .from(refreshTokens)
        .where(eq(refreshTokens.userId, userId))
        .orderBy(asc(refreshTokens.id)),
    ),
    logins: plain(await db.select().from(sessions).where(eq(sessions.userId, userId)).orderBy(asc(sessions.id))),
    second_factors: plain(
      await db
        .select({ createdAt: totpSecrets.createdAt, confirmedAt: totpSecrets.confirmedAt })
        .from(totpSecrets)
        .where(eq(totpSecrets.userId, userId)),
    ),
    events: plain(
      await db
        .select({
          id: webhookEvents.id,
          eventType: webhookEvents.eventType,
          createdAt: webhookEvents.createdAt,
          body: webhookEvents.body,
        })
        .from(webhookEvents)
        .where(eq(webhookEvents.actorId, userId))
        .orderBy(asc(webhookEvents.createdAt)),
    ),
    audit_log: plain(
      await db
        .select()
        .from(auditLog)
        .where(or(eq(auditLog.actorId, userId), eq(auditLog.targetId, userId)))
        .orderBy(asc(auditLog.id)),
    ),
  };
}

async function invitationsOf(userId: string): Promise<readonly object[]> {
  const { tokenHash: _secret, ...columns } = getTableColumns(invitations);
  const of = (which: SQL) => Db.use().select(columns).from(invitations).where(which).orderBy(asc(invitations.id));
  return [...(await of(eq(invitations.acceptedBy, userId))), ...(await of(eq(invitations.invitedBy, userId)))];
}

async function votesOn(userId: string): Promise<readonly Plain[]> {
  const rows = await Db.use()
    .select(getTableColumns(verifications))
    .from(contributions)
    .innerJoin(verifications, eq(verifications.contributionId, contributions.id))
    .where(eq(contributions.userId, userId))
    .orderBy(asc(verifications.id));
  return plain(rows);
}

async function evidenceOf(userId: string): Promise<readonly Plain[]> {
  const db = Db.use();
  const rows = await db.select().from(evidence).where(eq(evidence.submittedBy, userId)).orderBy(asc(evidence.id));
  const named = await db
    .select({ witness: witnesses })
    .from(witnesses)
    .innerJoin(evidence, eq(evidence.id, witnesses.evidenceId))
    .where(eq(evidence.submittedBy, userId))
    .orderBy(asc(witnesses.position));
  return plain(
    rows.map((row) => ({
      ...row,
      witnesses: plain(named.flatMap(({ witness }) => (witness.evidenceId === row.id ? [witness] : []))),
    })),
  );
}

/** Rows as JSON shows them, without the admin who hid one: `snake_case` names, RFC 3339 moments. What lies inside of JSON columns stays as it is. */
function plain(rows: readonly object[]): Plain[] {
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row)
        .filter(([name]) => name !== "hiddenBy")
        .map(([name, value]) => [
          name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
          value instanceof Date ? value.toISOString() : value,
        ]),
    ),
  );
}
