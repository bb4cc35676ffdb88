import { inArray } from "drizzle-orm";
import { Db } from "../db/index.ts";
import { invalidField } from "../error.ts";
import { Id } from "../id.ts";
import { skills } from "./skill.sql.ts";

export interface Info {
  readonly id: string;
  readonly name: string;
  readonly category: string;
}

/**
 * Refuses ids that name no skill.
 * @throws AppError VALIDATION_FAILED on `skill_ids.{index}`
 */
export async function assertExist(ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  const found = await Db.use()
    .select({ id: skills.id })
    .from(skills)
    .where(inArray(skills.id, [...ids]));
  const known = new Set(found.map((row) => row.id));
  const unknown = ids.findIndex((id) => !known.has(id));
  if (unknown >= 0) throw invalidField(`skill_ids.${unknown}`, "unknown", "names no skill");
}

/** Adds a skill unless one of that name is there. */
export async function ensure(name: string, category: string): Promise<void> {
  await Db.use().insert(skills).values({ id: Id.uuid(), name, category }).onConflictDoNothing();
}

export * as Skill from "./index.ts";
