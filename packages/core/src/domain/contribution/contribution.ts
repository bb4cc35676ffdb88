import { and, eq, getTableColumns, isNull, lt, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Characters } from "../../platform/characters.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { CONTRIBUTION_TYPES, Event } from "../../outbox/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Hidden } from "../hidden/index.ts";
import { Page } from "../../platform/page.ts";
import { Skill } from "../skill/index.ts";
import { User } from "../user/index.ts";
import { personOf } from "../user/person.sql.ts";
import { MAX_CHARACTERS, VERIFICATION_STATUSES, contributions } from "./contribution.sql.ts";
import type { Info } from "./schema.ts";

export type { Info, Vote } from "./schema.ts";

export { ownerAndStatus } from "./access.ts";
export { type EvidenceFacts, quality } from "./quality.ts";
export { VotesQuery, toVote, voteColumns, votes, votesPage, votesTotal } from "./votes.ts";

/** What the assignee may state on completing a task; missing fields are copied from the task. */
export const Completion = v.strictObject({
  title: v.optional(Input.name(1, MAX_CHARACTERS.title)),
  description: v.optional(Input.text(0, MAX_CHARACTERS.description)),
  metadata: v.optional(Input.metadata),
});
/** A contribution without a task. */
export const Creation = v.strictObject({
  contribution_type: Input.oneOf(CONTRIBUTION_TYPES),
  title: Input.name(1, MAX_CHARACTERS.title),
  description: v.optional(Input.text(0, MAX_CHARACTERS.description)),
  skill_ids: v.optional(Input.skillIds, []),
  metadata: v.optional(Input.metadata, {}),
});

const paging = Page.paging("contributions", v.tuple([Input.uuid]));
const status = v.optional(Input.oneOf(VERIFICATION_STATUSES));
export const ListQuery = v.strictObject({
  ...paging.query,
  status,
  /** The owner's id. */
  user: v.optional(Input.uuid),
  /** The id of the completed task. */
  task: v.optional(Input.uuid),
});
/** The query of one member's list. */
export const OwnListQuery = v.strictObject({ ...paging.query, status });
/** The columns read of a contribution, with its owner's names. */
export const columns = { ...getTableColumns(contributions), user: personOf(contributions.userId) };
export type Row = typeof contributions.$inferSelect & Pick<Info, "user">;

export const ContributionId = v.strictObject({ contribution_id: Input.uuid });

interface CompletedTask {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly skillIds: readonly string[];
}

/** The current member's contribution by completing their task. Must run inside the act that completes it. */
export async function ofTask(task: CompletedTask, input: v.InferOutput<typeof Completion>): Promise<Info> {
  return insert({
    taskId: task.id,
    contributionType: "task_completion",
    title: input.title ?? task.title,
    description: input.description ?? (Characters.cut(task.description, MAX_CHARACTERS.description) || null),
    skillIds: [...task.skillIds],
    metadata: input.metadata ?? {},
  });
}

/**
 * Records work that was done without a task.
 * @throws AppError VALIDATION_FAILED for an unknown skill
 */
export async function create(input: v.InferOutput<typeof Creation>): Promise<Info> {
  return Event.act(async () => {
    // Sent together, in one round trip: whichever fails, the transaction is rolled back.
    const [info] = await Promise.all([
      insert({
        contributionType: input.contribution_type,
        title: input.title,
        description: input.description || null,
        skillIds: input.skill_ids,
        metadata: input.metadata,
      }),
      User.lockMembers(),
      Skill.assertExist(input.skill_ids),
    ]);
    return info;
  });
}

/** Contributions that match all filters, newest first, without evidence and votes. */
export function list(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  return Db.onReader(() => readList(input));
}

async function readList(input: v.InferOutput<typeof ListQuery>): Promise<Page.Page<Info>> {
  const rows = await Db.use()
    .select(columns)
    .from(contributions)
    .where(
      and(
        isNull(contributions.hiddenAt),
        optionalCondition(input.user, (user) => eq(contributions.userId, user)),
        optionalCondition(input.task, (task) => eq(contributions.taskId, task)),
        optionalCondition(input.status, (status) => eq(contributions.verificationStatus, status)),
        optionalCondition(input.cursor, ([last]) => lt(contributions.id, last)),
      ),
    )
    .orderBy(newestFirst(contributions.id))
    .limit(input.limit + 1);
  return paging.page(rows, input.limit, (row) => [row.id], toInfo);
}

/**
 * The contributions of one member, newest first.
 * @throws AppError NOT_FOUND
 */
export async function ofUser(userId: string, input: v.InferOutput<typeof OwnListQuery>): Promise<Page.Page<Info>> {
  await User.get(userId);
  return list({ ...input, user: userId });
}

interface NewContribution {
  readonly contributionType: (typeof contributions.$inferInsert)["contributionType"];
  readonly title: string;
  readonly description: string | null;
  readonly skillIds: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly taskId?: string;
}

/** Records a contribution of the current member with its event, in one round trip. */
async function insert(values: NewContribution): Promise<Info> {
  const { userId, username } = Actor.member();
  const { contributionType, title, description, skillIds, metadata, taskId = null } = values;
  const id = Id.uuid();
  const subject = {
    contribution_id: id,
    contribution_type: contributionType,
    title,
    ...(description ? { description } : {}),
    ...(skillIds.length > 0 ? { skill_ids: [...skillIds] } : {}),
    ...(Object.keys(metadata).length > 0 ? { metadata } : {}),
  };
  insertRow ??= prepareInsert();
  const [rows] = await Promise.all([
    insertRow.execute({ id, userId, taskId, contributionType, title, description, skillIds, metadata }),
    Event.emit(
      Event.contributionSubject(id),
      { id: userId, username },
      { event_type: "contribution_created", subject },
    ),
  ]);
  return toInfo(Db.only(rows));
}

/** Built once. */
let insertRow: ReturnType<typeof prepareInsert> | undefined;

function prepareInsert() {
  const value = (name: keyof typeof contributions.$inferInsert) => sql.placeholder(name);
  return Db.use()
    .insert(contributions)
    .values({
      id: value("id"),
      userId: value("userId"),
      taskId: value("taskId"),
      contributionType: value("contributionType"),
      title: value("title"),
      description: value("description"),
      skillIds: value("skillIds"),
      metadata: value("metadata"),
    })
    .returning(columns)
    .prepare("contribution");
}

export function toInfo(row: Row): Info {
  return {
    id: row.id,
    user_id: row.userId,
    user: row.user,
    task_id: row.taskId,
    contribution_type: row.contributionType,
    title: row.title,
    description: row.description,
    skill_ids: row.skillIds,
    metadata: row.metadata,
    verification_status: row.verificationStatus,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    hidden: Hidden.mark(row),
  };
}

export * as Contribution from "./contribution.ts";
