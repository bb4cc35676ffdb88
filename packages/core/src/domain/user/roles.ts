import * as v from "valibot";
import { Actor, ROLES } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { Input } from "../../platform/input.ts";
import { lockAdmins } from "./admins.ts";
import { Notice } from "./notice.ts";
import { type Info, accountOf, get, setRoles } from "./user.ts";

/** The roles that the member is to have; `contributor` is always added. */
export const Assignment = v.strictObject({
  roles: Input.list(Input.oneOf(ROLES), 0, ROLES.length, "roles"),
});

/**
 * Sets a member's roles. Admins only; audited.
 * @throws AppError FORBIDDEN, NOT_FOUND; LAST_ADMIN when no admin would be left
 */
export async function grant(userId: string, input: v.InferOutput<typeof Assignment>): Promise<Info> {
  const actor = Actor.memberWith("admin");
  return Db.transaction(async () => {
    const admins = await lockAdmins();
    if (!admins.some((admin) => admin.id === actor.userId)) throw new AppError("FORBIDDEN");
    if (!input.roles.includes("admin") && admins.every((admin) => admin.id === userId))
      throw new AppError("LAST_ADMIN");
    const before = await get(userId);
    await setRoles(userId, input.roles);
    const after = await get(userId);
    await Audit.record("user.roles", "user", userId, { before: before.roles, after: after.roles });
    await notifyRoles(userId);
    return after;
  });
}

/** Notifies a member of their current roles by mail. */
export async function notifyRoles(userId: string): Promise<void> {
  const account = await accountOf(userId);
  if (account) await Notice.send(account.email, "roles", `Your roles are now: ${account.roles.join(", ")}.`);
}

export * as Roles from "./roles.ts";
