import { and, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { notify } from "../notification/notify.ts";
import { Token } from "../session/token.ts";
import { lockAccounts } from "../user/row.ts";
import { invitations } from "./invitation.sql.ts";

/** An open invitation, which was sent to an e-mail address; or a link, which has no address. */
export interface Open {
  readonly id: string;
  readonly email: string | null;
  readonly isLink: boolean;
  /** Null for an invitation by an operator. */
  readonly invitedBy: string | null;
}

/**
 * Finds the open invitation of a token.
 * @throws AppError INVALID_INVITATION for an unknown, used, revoked or expired token, without revealing which
 */
export async function find(token: string): Promise<Open> {
  const [row] = await Db.use()
    .select({
      id: invitations.id,
      email: invitations.email,
      isLink: invitations.byLink,
      invitedBy: invitations.invitedBy,
    })
    .from(invitations)
    .where(and(eq(invitations.tokenHash, Token.digest(token)), isOpen()));
  if (!row) throw new AppError("INVALID_INVITATION");
  return row;
}

/**
 * Marks the invitation as accepted, in the transaction that creates the account. Erases the invitation's e-mail
 * address, which the account now has. For a link, counts one more use; this locks the link's row, so that concurrent
 * registrations cannot exceed the number of uses.
 * @throws AppError INVALID_INVITATION when it was used up or revoked meanwhile
 */
export async function accept(invitation: Open, userId: string): Promise<void> {
  const now = Clock.now();
  const { invitedBy } = invitation;
  // Locks the inviter, who will be notified, before the invitation: the deletion of an account locks in the same order,
  // and another order could deadlock.
  if (invitedBy !== null) await lockAccounts([invitedBy]);
  const [accepted] = await Db.use()
    .update(invitations)
    .set(
      invitation.isLink ? { uses: sql`${invitations.uses} + 1` } : { acceptedAt: now, acceptedBy: userId, email: null },
    )
    .where(and(eq(invitations.id, invitation.id), isOpen()))
    .returning({ invitedBy: invitations.invitedBy, expiresAt: invitations.expiresAt });
  if (!accepted) throw new AppError("INVALID_INVITATION");
  if (invitation.isLink)
    await Db.use()
      .insert(invitations)
      .values({ ...accepted, byLink: true, acceptedAt: now, acceptedBy: userId });
  await notify([invitedBy], { kind: "invitation_accepted", actorId: userId });
}

const isOpen = () =>
  and(
    isNull(invitations.acceptedAt),
    isNull(invitations.revokedAt),
    gt(invitations.expiresAt, Clock.now()),
    or(isNull(invitations.usesMax), lt(invitations.uses, invitations.usesMax)),
  );

/**
 * The inviter of a member: an id, or null for an invitation by an operator; undefined for a member who registered
 * without an invitation, or with a link. A link can be passed on, so its inviter does not know all members who join
 * with it: joining with a link does not permit a member to vouch (docs/adr/0018-who-may-join-and-vouch.md).
 */
export async function inviterOf(userId: string): Promise<string | null | undefined> {
  const [row] = await Db.use()
    .select({ invitedBy: invitations.invitedBy })
    .from(invitations)
    .where(and(eq(invitations.acceptedBy, userId), eq(invitations.byLink, false)));
  return row?.invitedBy;
}

export * as Acceptance from "./accept.ts";
