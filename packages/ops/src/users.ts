import * as v from "valibot";
import { Audit } from "@gotong/core/platform/audit/index.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Invitation } from "@gotong/core/domain/invitation/index.ts";
import { EmailProof, Register, Roles, User } from "@gotong/core/domain/user/index.ts";
import type { Interrupted, Outcome, Step } from "./outcome.ts";
import { Mfa } from "@gotong/core/domain/account/index.ts";

const Grant = v.tuple([
  User.Email,
  v.picklist(["contributor", "verifier", "admin"], "the role must be contributor, verifier or admin"),
]);

/**
 * Removes a member's second factor after its loss. The operator must have verified the member's identity. The removal
 * is audited, and the member is notified by mail.
 */
export async function resetMfa(args: readonly string[]): Promise<string> {
  const [email] = v.parse(v.tuple([User.Email]), args);
  const found = await User.credentialsOf(email);
  if (!found) throw new Error(`there is no account with the e-mail address ${email}`);
  if (!(await Mfa.reset(found.user.id))) return `${found.user.username} had no second factor\n`;
  return `${found.user.username} has no second factor any more, and was notified by mail\n`;
}

/** Encrypts the secrets of all second factors again, with the current key. */
export async function resealMfa(): Promise<string> {
  const { sealed, lost } = await Mfa.resealAll();
  const rest = lost > 0 ? `; ${lost} cannot be opened with any key: reset-mfa for their members\n` : "\n";
  return `${sealed} secrets were sealed with the current JWT_KEY${rest}`;
}

/** Grants a role to a member. Audited. */
export async function grant(args: readonly string[]): Promise<string> {
  const [email, role] = v.parse(Grant, args);
  return Db.transaction(async () => {
    const found = await User.credentialsOf(email);
    if (!found) throw new Error(`there is no account with the e-mail address ${email}`);
    await User.setRoles(found.user.id, [...found.user.roles, role]);
    await Audit.record("user.roles", "user", found.user.id, { granted: role });
    await Roles.notifyRoles(found.user.id);
    return `${found.user.username} has the roles ${[...new Set([...found.user.roles, role])].join(", ")}\n`;
  });
}

const PAGE = 500;
const role = v.picklist(["contributor", "verifier", "admin"], "--role must be contributor, verifier or admin");
const ListOptions = v.object({ role: v.optional(role) });
const ListCursor = v.strictObject({ after: v.string(), count: v.number() });

/**
 * `gotong users list` prints one line for each member as progress, and the number at the end. It can stop after each
 * page.
 */
export async function list(given: unknown, step: Step): Promise<Outcome | Interrupted> {
  const options = v.parse(ListOptions, given);
  const cursor = step.cursor === undefined ? undefined : v.parse(ListCursor, step.cursor);
  let count = cursor?.count ?? 0;
  for (let after = cursor?.after; ;) {
    const page = await Register.list(options.role, after, PAGE);
    count += page.length;
    for (const { id, username, roles, email_verified, created_at } of page)
      step.progress(
        [id, created_at, username, roles.join(","), email_verified ? "verified" : "not verified"].join("  "),
      );
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return { text: `${count} members\n`, data: { count } };
    after = last.id;
    if (step.isOver()) return { cursor: { after, count } };
  }
}

const Revoke = v.tuple([
  User.Email,
  v.picklist(["verifier", "admin"], "the role must be verifier or admin: every member is a contributor"),
]);

/** Revokes a role of a member. Audited. */
export async function revoke(args: readonly string[]): Promise<string> {
  const [email, taken] = v.parse(Revoke, args);
  const left = await Register.revoke(email, taken);
  if (!left) throw new Error(`there is no account with the e-mail address ${email}`);
  if (!left.hadRole) return `${left.username} did not have the role ${taken}\n`;
  return `${left.username} has the roles ${left.roles.join(", ")}\n`;
}

/** Mails an invitation and prints its token, which the operator passes on if the stage has no mail. Audited. */
export async function invite(args: readonly string[]): Promise<string> {
  const [email] = v.parse(v.tuple([User.Email]), args);
  const { info, token } = await Invitation.createAsOperator(email);
  return `${email} is invited until ${info.expires_at}; registering with this address verifies it\ntoken: ${token}\n`;
}

/** Marks a member's e-mail address as verified, for stages without mail. Audited. */
export async function verifyEmail(args: readonly string[]): Promise<string> {
  const [email] = v.parse(v.tuple([User.Email]), args);
  await EmailProof.verifyAsOperator(email);
  return `${email} is verified\n`;
}
