import { eq } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Cache } from "../../platform/cache/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import { Skill } from "../skill/index.ts";
import { lockMembers } from "./row.ts";
import { type OwnInfo, me, nameTaken } from "./user.ts";
import { FormerNames } from "./former-names.ts";
import { LANGUAGES, MAX_CHARACTERS, userSkills, users } from "./user.sql.ts";
import { Username, assertMayBeShown, assertMayBeTaken } from "./username.ts";

/** The fields of their own account that a member may change; `null` clears an optional one. */
export const Change = v.strictObject({
  username: v.optional(Username),
  display_name: v.nullish(Input.name(1, MAX_CHARACTERS.display_name)),
  bio: v.nullish(Input.text(0, MAX_CHARACTERS.bio)),
  /** The place where the member lives, as precise as they want; every member can see it. */
  location: v.nullish(Input.name(1, MAX_CHARACTERS.location)),
  language: v.nullish(Input.oneOf(LANGUAGES)),
  skill_ids: v.optional(Input.skillIds),
});

/**
 * Changes the current member's account.
 * @throws AppError USERNAME_TAKEN; RULE_VIOLATED after too many changes of the username; VALIDATION_FAILED for an
 * unknown skill or a reserved name
 */
export async function change(input: v.InferOutput<typeof Change>): Promise<OwnInfo> {
  const { userId } = Actor.member();
  const { skill_ids, bio, username, display_name, location, language } = input;
  if (typeof display_name === "string") assertMayBeShown(display_name);
  try {
    return await Db.transaction(async () => {
      // Changes of one member run one after another, so that every former name is reserved and counted.
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
          ...(display_name === undefined ? {} : { displayName: display_name }),
          ...(bio === undefined ? {} : { bio: bio || null }),
          ...(location === undefined ? {} : { location }),
          ...(language === undefined ? {} : { language }),
          updatedAt: Clock.now(),
        })
        .where(eq(users.id, userId));
      // Cached lists of tasks contain these names.
      if (isRenamed || display_name !== undefined) await Cache.invalidate("tasks");
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
