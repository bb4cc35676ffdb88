import { and, eq, getTableColumns, lt } from "drizzle-orm";
import * as v from "valibot";
import { Actor, type Member } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Language } from "../../platform/language/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Quota } from "../../platform/limit/index.ts";
import { Mail } from "../../platform/mail/index.ts";
import { Page } from "../../platform/page.ts";
import { assertGoodStanding } from "../reputation/index.ts";
import { Token } from "../session/token.ts";
import { User } from "../user/index.ts";
import { lockMembers } from "../user/row.ts";
import { personOf } from "../user/person.sql.ts";
import { LINK_USES_MAX, invitations } from "./invitation.sql.ts";
import { Link } from "./link.ts";
import { invitationMail } from "./mail.ts";
import type { Created, Info } from "./schema.ts";

export type { Created, Info } from "./schema.ts";

const DAY_SECONDS = 86_400;
/** Limit of invitations to one address, from all inviters together, so that it cannot be flooded. */
const MAILS_TO_ONE_ADDRESS_A_DAY = 3;

export const Creation = v.strictObject({
  /** The address for the mail; without an address the invitation is a link. */
  email: v.optional(User.Email),
  message: v.optional(Input.text(0, 500)),
  /** Number of members who may join with the link, by default one. */
  uses: v.optional(v.pipe(Input.between(1, LINK_USES_MAX), v.integer("must be a whole number"))),
});
export const InvitationId = v.strictObject({ invitation_id: Input.uuid });
const paging = Page.paging("invitations", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject(paging.query);

/**
 * Mails an invitation, or creates a link for up to `uses` members if there is no address. Admins always may; members in
 * good standing if `INVITATIONS_BY_MEMBERS` is on. If the address has an account, no mail is sent, and the response is
 * the same.
 * @throws AppError FORBIDDEN, REPUTATION_TOO_LOW, RATE_LIMITED; VALIDATION_FAILED for fields that do not go together or
 * too many uses; UNAVAILABLE when the inviter's reputation is needed and cannot be read
 */
export async function create({ email, message, uses }: v.InferOutput<typeof Creation>): Promise<Created> {
  const member = Actor.member();
  if (email !== undefined && uses !== undefined)
    throw invalidField("uses", "not_allowed", "is not allowed together with email");
  if (email === undefined && message !== undefined)
    throw invalidField("message", "not_allowed", "is only allowed together with email");
  await assertMayInvite(member);
  return email === undefined ? createLink(member, uses ?? 1) : mail({ email, message }, member);
}

async function mail(input: Mailed, member: Member): Promise<Created> {
  return Db.transaction(async () => {
    await lockMembers();
    await Quota.take(perInviter(), member.userId);
    await Quota.take(PER_ADDRESS, input.email);
    const { row } = await insert(input, member);
    return { ...toInfo(row), token: null, url: null };
  });
}

async function createLink(member: Member, uses: number): Promise<Created> {
  const quota = Link.quotaFor(uses);
  return Db.transaction(async () => {
    await lockMembers();
    await Quota.take(quota, member.userId);
    const { token, url, values } = Link.issue(uses);
    const row = Db.only(
      await Db.use()
        .insert(invitations)
        .values({ ...values, invitedBy: member.userId })
        .returning(columns),
    );
    await Audit.record("invitation.create", "invitation", row.id, { uses });
    return { ...toInfo(row), token, url };
  });
}

/**
 * Mails an invitation from the platform, for operators: this is how the first admin gets an account.
 * @returns the token as well, for stages without mail
 */
export async function createAsOperator(email: string): Promise<{ info: Info; token: string }> {
  Actor.operator();
  return Db.transaction(async () => {
    const { row, token } = await insert({ email }, undefined);
    return { info: toInfo(row), token };
  });
}

async function assertMayInvite({ userId, roles }: Member): Promise<void> {
  if (roles.includes("admin")) return;
  if (Config.section("membership").INVITATIONS_BY_MEMBERS === "false")
    throw new AppError("FORBIDDEN", { detail: "Only admins can invite." });
  await assertGoodStanding(userId, (minimum) => `To invite others you need a reputation of at least ${minimum}.`);
}

const perInviter = (): Quota.Quota => {
  const limit = Config.section("membership").INVITATION_LIMIT_PER_DAY;
  return { name: "invitations", limit, windowSeconds: DAY_SECONDS, detail: `At most ${limit} invitations a day.` };
};
const PER_ADDRESS: Quota.Quota = {
  name: "invitations-to",
  limit: MAILS_TO_ONE_ADDRESS_A_DAY,
  windowSeconds: DAY_SECONDS,
  detail: `One address gets at most ${MAILS_TO_ONE_ADDRESS_A_DAY} invitations a day.`,
};

const columns = {
  ...getTableColumns(invitations),
  inviter: personOf(invitations.invitedBy),
  guest: personOf(invitations.acceptedBy),
};
type Row = typeof invitations.$inferSelect & Pick<Info, "inviter" | "guest">;

interface Mailed {
  readonly email: string;
  readonly message?: string | undefined;
}

async function insert({ email, message }: Mailed, inviter: Member | undefined): Promise<{ row: Row; token: string }> {
  const now = Clock.now();
  const days = Config.section("membership").INVITATION_DAYS;
  const token = Token.refresh();
  const row = Db.only(
    await Db.use()
      .insert(invitations)
      .values({
        id: Id.uuid(),
        email,
        invitedBy: inviter?.userId ?? null,
        tokenHash: Token.digest(token),
        createdAt: now,
        expiresAt: new Date(now.getTime() + days * DAY_SECONDS * 1000),
      })
      .returning(columns),
  );
  await Audit.record("invitation.create", "invitation", row.id);
  const say = await Language.voice(Actor.language() ?? "en");
  const text = invitationMail({ token, days, inviter: inviter?.username, message, say });
  // Sends no mail to an address with an account: its member needs no invitation, and may have blocked the inviter. The
  // decoy does the same work, so that the response time does not reveal whether the address has an account.
  await ((await User.credentialsOf(email)) ? Mail.sendDecoy(text) : Mail.send({ to: email, ...text }));
  return { row, token };
}

/** The invitations of the current member, newest first; for an admin, all invitations. */
export async function list(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  const { userId, roles } = Actor.member();
  const rows = await Db.use()
    .select(columns)
    .from(invitations)
    .where(
      and(
        roles.includes("admin") ? undefined : eq(invitations.invitedBy, userId),
        optionalCondition(input.cursor, ([last]) => lt(invitations.id, last)),
      ),
    )
    .orderBy(newestFirst(invitations.id))
    .limit(input.limit + 1);
  return paging.page(rows, input.limit, (row) => [row.id], toInfo);
}

/**
 * Revokes an invitation, and erases its address. A member may revoke their own invitations, an admin any. Idempotent.
 * @throws AppError NOT_FOUND; INVITATION_CLOSED when it was accepted
 */
export async function revoke(invitationId: string): Promise<void> {
  const { userId, roles } = Actor.member();
  await Db.transaction(async () => {
    const [row] = await Db.use().select().from(invitations).where(eq(invitations.id, invitationId)).for("update");
    if (!row || (row.invitedBy !== userId && !roles.includes("admin"))) throw new AppError("NOT_FOUND");
    if (row.acceptedAt) throw new AppError("INVITATION_CLOSED");
    if (row.revokedAt) return;
    await Db.use()
      .update(invitations)
      .set({ revokedAt: Clock.now(), email: null })
      .where(eq(invitations.id, invitationId));
    await Audit.record("invitation.revoke", "invitation", invitationId);
  });
}

function statusOf(row: Row): Info["status"] {
  if (row.acceptedAt) return "accepted";
  if (row.revokedAt) return "revoked";
  if (row.usesMax !== null && row.uses >= row.usesMax) return "accepted";
  return row.expiresAt > Clock.now() ? "open" : "expired";
}

function toInfo(row: Row): Info {
  return {
    id: row.id,
    email: row.email,
    invited_by: row.invitedBy,
    inviter: row.inviter,
    kind: row.byLink ? "link" : "mail",
    uses_max: row.usesMax,
    uses: row.usesMax === null ? null : row.uses,
    status: statusOf(row),
    created_at: row.createdAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    accepted_at: row.acceptedAt?.toISOString() ?? null,
    accepted_by: row.acceptedBy,
    guest: row.guest,
  };
}

export * as Invitation from "./invitation.ts";
