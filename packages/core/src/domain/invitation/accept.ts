import { and, eq, gt, isNull } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { notify } from "../notification/notify.ts";
import { Token } from "../session/token.ts";
import { User } from "../user/index.ts";
import { invitations } from "./invitation.sql.ts";

/** An open invitation and the e-mail address that it was sent to. */
export interface Open {
  readonly id: string;
  readonly email: string;
  /** Null for an invitation by an operator. */
  readonly invitedBy: string | null;
}

/**
 * Finds the open invitation of a token.
 * @throws AppError INVALID_INVITATION for an unknown, used, revoked or expired token, without revealing which
 */
export async function find(token: string): Promise<Open> {
  const [row] = await Db.use()
    .select({ id: invitations.id, email: invitations.email, invitedBy: invitations.invitedBy })
    .from(invitations)
    .where(and(eq(invitations.tokenHash, Token.digest(token)), isOpen()));
  if (!row?.email) throw new AppError("INVALID_INVITATION");
  return { ...row, email: row.email };
}

/**
 * Marks the invitation as accepted, in the transaction that creates the account. Erases its e-mail address, which the
 * account now has.
 * @throws AppError INVALID_INVITATION when it was used or revoked meanwhile
 */
export async function accept(invitation: Open, userId: string): Promise<void> {
  const { invitedBy } = invitation;
  // The inviter is notified; the deletion of an account also locks the member before their invitations.
  if (invitedBy !== null) await User.lockAccounts([invitedBy]);
  const rows = await Db.use()
    .update(invitations)
    .set({ acceptedAt: Clock.now(), acceptedBy: userId, email: null })
    .where(and(eq(invitations.id, invitation.id), isOpen()))
    .returning({ id: invitations.id });
  if (rows.length === 0) throw new AppError("INVALID_INVITATION");
  await notify([invitedBy], { kind: "invitation_accepted", actorId: userId });
}

const isOpen = () =>
  and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt), gt(invitations.expiresAt, Clock.now()));

/**
 * The inviter of a member: an id, or null for an invitation by an operator; undefined for a member who registered
 * without an invitation.
 */
export async function inviterOf(userId: string): Promise<string | null | undefined> {
  const [row] = await Db.use()
    .select({ invitedBy: invitations.invitedBy })
    .from(invitations)
    .where(eq(invitations.acceptedBy, userId));
  return row?.invitedBy;
}

export * as Acceptance from "./accept.ts";
