import { eq } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Skill } from "../skill/index.ts";
import { type OwnInfo, lockMembers, me, nameTaken } from "./user.ts";
import { FormerNames } from "./former-names.ts";
import { MAX_CHARACTERS, userSkills, users } from "./user.sql.ts";
import { Username, assertMayBeTaken } from "./username.ts";

/** The fields of their own account that a member may change; `null` clears the bio. */
export const Change = v.strictObject({
  username: v.optional(Username),
  bio: v.nullish(Input.text(0, MAX_CHARACTERS.bio)),
  skill_ids: v.optional(Input.skillIds),
});

/**
 * Changes the current member's account.
 * @throws AppError USERNAME_TAKEN; RULE_VIOLATED after too many changes of the username; VALIDATION_FAILED for an
 * unknown skill or a reserved name
 */
export async function change(input: v.InferOutput<typeof Change>): Promise<OwnInfo> {
  const { userId } = Actor.member();
  const { skill_ids, bio, username } = input;
  try {
    return await Db.transaction(async () => {
      // Changes of one member run one after the other, so that every former name is reserved and counted.
      await lockMembers([], "no key update");
      const before = await me();
      const isRenamed = username !== undefined && username !== before.username;
      if (isRenamed) {
        assertMayBeTaken(username);
        await FormerNames.assertMayChange(userId, before.username, username);
      }
      await Db.use()
        .update(users)
        .set({
          ...(username === undefined ? {} : { username }),
          ...(bio === undefined ? {} : { bio: bio || null }),
          updatedAt: Clock.now(),
        })
        .where(eq(users.id, userId));
      if (isRenamed) {
        await FormerNames.reserve(before.username, userId);
        await FormerNames.assertFree(username, userId);
      }
      if (skill_ids) {
        await Skill.assertExist(skill_ids);
        await Db.use().delete(userSkills).where(eq(userSkills.userId, userId));
        if (skill_ids.length > 0)
          await Db.use()
            .insert(userSkills)
            .values(skill_ids.map((skillId) => ({ userId, skillId })));
      }
      return me();
    });
  } catch (error) {
    throw nameTaken(error) ?? error;
  }
}

export * as Profile from "./profile.ts";
