import { and, asc, eq, gt, inArray, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Audit } from "../../platform/audit/index.ts";
import { optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { MAX_CHARACTERS, skills } from "./skill.sql.ts";
import type { Info } from "./schema.ts";

export type { Info } from "./schema.ts";

export const Creation = v.strictObject({
  name: Input.name(1, MAX_CHARACTERS.name),
  category: Input.name(1, MAX_CHARACTERS.category),
});

const nameKey = sql<string>`lower(${skills.name})`;
const paging = Page.paging("skills", v.tuple([v.pipe(v.string(), v.regex(/^[^\u0000]{1,300}$/u))]));
export const ListQuery = v.strictObject({
  ...paging.query,
  category: v.optional(Input.name(1, MAX_CHARACTERS.category)),
});

/** All skills, ordered by name. */
export function list(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  return Db.onReader(() => readList(input));
}

async function readList(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  const rows = await Db.use()
    .select({ id: skills.id, name: skills.name, category: skills.category, nameKey })
    .from(skills)
    .where(
      and(
        optionalCondition(input.category, (category) => eq(skills.category, category)),
        optionalCondition(input.cursor, ([last]) => gt(nameKey, last)),
      ),
    )
    .orderBy(asc(nameKey))
    .limit(input.limit + 1);
  return paging.page(
    rows,
    input.limit,
    (row) => [row.nameKey],
    ({ id, name, category }) => ({ id, name, category }),
  );
}

/**
 * Adds a skill. Admins only; audited.
 * @throws AppError FORBIDDEN, SKILL_EXISTS for an existing name in any case
 */
export async function create(input: v.InferOutput<typeof Creation>): Promise<Info> {
  Actor.memberWith("admin");
  return Db.transaction(async () => {
    const [row] = await Db.use()
      .insert(skills)
      .values({ id: Id.uuid(), name: input.name, category: input.category })
      .onConflictDoNothing()
      .returning({ id: skills.id, name: skills.name, category: skills.category });
    if (!row) throw new AppError("SKILL_EXISTS");
    await Audit.record("skill.create", "skill", row.id, { name: row.name });
    return row;
  });
}

/**
 * Rejects ids of unknown skills.
 * @throws AppError VALIDATION_FAILED on `skill_ids.{index}`
 */
export async function assertExist(ids: readonly string[]): Promise<void> {
  const index = await firstUnknown(ids);
  if (index >= 0) throw unknown(index);
}

/** The error for the unknown id at `index` of `skill_ids`. */
export const unknown = (index: number): AppError =>
  invalidField(`skill_ids.${index}`, "unknown_reference", "must be the id of a skill");

/**
 * Rejects the id of an unknown skill.
 * @throws AppError VALIDATION_FAILED on `skill_id`
 */
export async function assertOne(id: string): Promise<void> {
  if ((await firstUnknown([id])) >= 0) throw invalidField("skill_id", "unknown_reference", "must be the id of a skill");
}

async function firstUnknown(ids: readonly string[]): Promise<number> {
  if (ids.length === 0) return -1;
  const found = await Db.use()
    .select({ id: skills.id })
    .from(skills)
    .where(inArray(skills.id, [...ids]));
  const known = new Set(found.map((row) => row.id));
  return ids.findIndex((id) => !known.has(id));
}

/** Adds a skill unless one with this name exists. */
export async function ensure(name: string, category: string): Promise<void> {
  await Db.use().insert(skills).values({ id: Id.uuid(), name, category }).onConflictDoNothing();
}

export * as Skill from "./index.ts";
