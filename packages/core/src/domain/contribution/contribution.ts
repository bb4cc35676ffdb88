import { sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Characters } from "../../platform/characters.ts";
import { Db } from "../../platform/db/index.ts";
import { CONTRIBUTION_TYPES, Event } from "../../outbox/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Skill } from "../skill/index.ts";
import { User } from "../user/index.ts";
import { MAX_CHARACTERS, contributions } from "./contribution.sql.ts";
import { columns, toInfo } from "./row.ts";
import type { Info } from "./schema.ts";

export type { Info, Vote } from "./schema.ts";

export { ownerAndStatus } from "./access.ts";
export { ListQuery, OwnListQuery, list, ofUser } from "./list.ts";
export { type EvidenceFacts, quality } from "./quality.ts";
export { type Row, columns, toInfo } from "./row.ts";
export { VotesQuery, toVote, voteColumns, votes, votesPage, votesTotal, votesTotals } from "./votes.ts";

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

export const ContributionId = v.strictObject({ contribution_id: Input.uuid });

interface CompletedTask {
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly skillIds: readonly string[];
}

/**
 * Creates the contribution for a task that the current member has completed. Must run inside the act that completes
 * it.
 */
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

export * as Contribution from "./contribution.ts";
