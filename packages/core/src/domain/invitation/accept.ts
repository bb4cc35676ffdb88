import { and, eq, gt, isNull } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Token } from "../session/token.ts";
import { invitations } from "./invitation.sql.ts";

/** An invitation that can still be used, and the address that it was sent to. */
export interface Open {
  readonly id: string;
  readonly email: string;
}

/** @throws AppError INVALID_INVITATION for a token that is unknown, used, revoked or too old: nobody is told which */
export async function find(token: string): Promise<Open> {
  const [row] = await Db.use()
    .select({ id: invitations.id, email: invitations.email })
    .from(invitations)
    .where(and(eq(invitations.tokenHash, Token.digest(token)), isOpen()));
  if (!row?.email) throw new AppError("INVALID_INVITATION");
  return { id: row.id, email: row.email };
}

/**
 * Uses the invitation, in the transaction that makes the account. Its address is erased: the account has one.
 * @throws AppError INVALID_INVITATION when another registration was faster, or it was revoked meanwhile
 */
export async function accept(invitation: Open, userId: string): Promise<void> {
  const rows = await Db.use()
    .update(invitations)
    .set({ acceptedAt: Clock.now(), acceptedBy: userId, email: null })
    .where(and(eq(invitations.id, invitation.id), isOpen()))
    .returning({ id: invitations.id });
  if (rows.length === 0) throw new AppError("INVALID_INVITATION");
}

const isOpen = () =>
  and(isNull(invitations.acceptedAt), isNull(invitations.revokedAt), gt(invitations.expiresAt, Clock.now()));

/** Who invited this member: an id, null for the command line; undefined for a member who came without an invitation. */
export async function inviterOf(userId: string): Promise<string | null | undefined> {
  const [row] = await Db.use()
    .select({ invitedBy: invitations.invitedBy })
    .from(invitations)
    .where(eq(invitations.acceptedBy, userId));
  return row?.invitedBy;
}

export * as Acceptance from "./accept.ts";
