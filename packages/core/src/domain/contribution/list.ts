import { type SQL, and, eq, isNull, sql } from "drizzle-orm";
import * as v from "valibot";
import { CONTRIBUTION_TYPES } from "../../outbox/index.ts";
import { anyOf, optionalCondition } from "../../platform/db/columns.ts";
import { Changes } from "../../platform/changes.ts";
import { Db } from "../../platform/db/index.ts";
import { Input } from "../../platform/input.ts";
import type { Page } from "../../platform/page.ts";
import { User, memberFilter, memberOf } from "../user/index.ts";
import { VERIFICATION_STATUSES, contributions } from "./contribution.sql.ts";
import { columns, toInfo } from "./row.ts";
import type { Info } from "./schema.ts";

const lists = Changes.paging("contributions");
const filters = {
  ...lists.query,
  status: v.optional(Input.someOf(VERIFICATION_STATUSES)),
  type: v.optional(Input.someOf(CONTRIBUTION_TYPES)),
  /** The id of a skill that the work needed. */
  skill: v.optional(Input.uuid),
};
export const ListQuery = v.strictObject({
  ...filters,
  /** The owner's id, or `me`. */
  user: v.optional(memberFilter),
  /** The id of the completed task. */
  task: v.optional(Input.uuid),
});
/** Query parameters of the list of one member's contributions. */
export const OwnListQuery = v.strictObject(filters);

/**
 * Contributions that match all filters, without evidence and votes: newest first, or in the order of their last changes
 * if `updated_since` is set.
 */
export function list(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  return Db.onReader(() => readList(input));
}

async function readList(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  const { limit, skill, user, task } = input;
  const { where, orderBy, changedAt } = Changes.order(input, contributions.id, contributions.updatedAt);
  const rows = await Db.use()
    .select({ ...columns, changedAt })
    .from(contributions)
    .where(
      and(
        isNull(contributions.hiddenAt),
        optionalCondition(user, (id) => eq(contributions.userId, memberOf(id))),
        optionalCondition(task, (id) => eq(contributions.taskId, id)),
        anyOf(contributions.verificationStatus, input.status),
        anyOf(contributions.contributionType, input.type),
        optionalCondition(skill, (id): SQL => sql`${contributions.skillIds} @> array[${id}::uuid]`),
        where,
      ),
    )
    .orderBy(...orderBy)
    .limit(limit + 1);
  return lists.page(rows, limit, toInfo);
}

/**
 * The contributions of one member, newest first.
 * @throws AppError NOT_FOUND
 */
export async function ofUser(userId: string, input: v.InferOutput<typeof OwnListQuery>): Promise<Page.Page<Info>> {
  await User.get(userId);
  return list({ ...input, user: userId });
}
