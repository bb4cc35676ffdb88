import { sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Characters } from "../../platform/characters.ts";
import { Config } from "../../platform/config.ts";
import { utcText } from "../../platform/db/columns.ts";
import { statement, Db } from "../../platform/db/index.ts";
import { AppError } from "../../platform/error.ts";
import { CONTRIBUTION_TYPES, Event, Late, actOfOneStatement } from "../../outbox/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { Daily } from "../../platform/limit/index.ts";
import { Skill } from "../skill/index.ts";
import { personOf } from "../user/person.sql.ts";
import { users } from "../user/user.sql.ts";
import { skills } from "../skill/skill.sql.ts";
import { MAX_CHARACTERS, contributions } from "./contribution.sql.ts";
import type { Info } from "./schema.ts";

export type { Info, Vote } from "./schema.ts";

export { ListQuery, OwnListQuery, list, ofUser } from "./list.ts";
export { type EvidenceFacts, quality } from "./quality.ts";
export { type Row, columns, toInfo } from "./row.ts";
export { VotesQuery, toVote, voteColumns, votes, votesPage, votesTotal, votesTotals } from "./votes.ts";

/** The fields that the assignee may set on completing a task; missing fields are copied from the task. */
export const Completion = v.strictObject({
  title: v.optional(Input.name(1, MAX_CHARACTERS.title)),
  description: v.optional(Input.text(0, MAX_CHARACTERS.description)),
  metadata: v.optional(Input.metadata),
});
/** Request body of a contribution without a task. */
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
  return actOfOneStatement((latest) =>
    insert(
      {
        contributionType: input.contribution_type,
        title: input.title,
        description: input.description || null,
        skillIds: input.skill_ids,
        metadata: input.metadata,
      },
      latest,
    ),
  );
}

interface NewContribution {
  readonly contributionType: (typeof contributions.$inferInsert)["contributionType"];
  readonly title: string;
  readonly description: string | null;
  readonly skillIds: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly taskId?: string;
}

/**
 * Records a contribution of the current member with its event, in one statement. The statement locks the member as
 * `lockMembers` does, and checks the skills; if a check fails, it writes nothing.
 * @param latest time by which the statement must reach the database; null in a transaction
 * @throws AppError UNAUTHENTICATED, VALIDATION_FAILED, RATE_LIMITED for too many in a day; Late after `latest`
 */
async function insert(values: NewContribution, latest: string | null = null): Promise<Info> {
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
  const event = Event.create(
    Event.contributionSubject(id),
    { id: userId, username },
    { event_type: "contribution_created", subject },
  );
  const perDay = Config.section("rules").CONTRIBUTION_LIMIT_PER_DAY;
  const limit = { dayAgo: Daily.firstId(), others: perDay - 1 };
  const own = { id, userId, taskId, contributionType, title, description, latest, ...limit };
  const texts = { skillIds: `{${skillIds.join(",")}}`, metadata: JSON.stringify(metadata) };
  const rows = await insertWithEvent({ ...own, ...texts, ...event });
  const [isLate, user, unknownSkill, oldest, status, createdAt, sequence, redrives] = Db.only(rows);
  if (isLate) throw new Late();
  if (!user) throw new AppError("UNAUTHENTICATED");
  if (unknownSkill !== null) throw Skill.unknown(unknownSkill);
  if (oldest !== null) throw Daily.exceeded(oldest, perDay, "contributions");
  Event.written(event, sequence, redrives);
  return {
    id,
    user_id: userId,
    user,
    task_id: taskId,
    contribution_type: contributionType,
    title,
    description,
    skill_ids: skillIds,
    metadata,
    verification_status: status,
    created_at: createdAt,
    updated_at: createdAt,
    hidden: null,
  };
}

type Inserted = readonly [
  isLate: boolean,
  user: Info["user"] | null,
  unknownSkill: number | null,
  oldest: string | null,
  status: Info["verification_status"],
  createdAt: string,
  sequence: number,
  redrives: number,
];

const value = (name: string) => sql.placeholder(name);
const insertWithEvent = statement<Inserted>(
  () => sql`
    with asked as (
      select coalesce(now() > ${value("latest")}::timestamptz, false) as late,
        (select (min(n) - 1)::int from unnest(${value("skillIds")}::uuid[]) with ordinality given (id, n)
          where not exists (select 1 from ${skills} where ${skills.id} = given.id)) as unknown_skill,
        (select mine.id from ${contributions} mine where mine.user_id = ${value("userId")}::uuid and mine.id > ${value("dayAgo")}::uuid
          order by mine.id desc nulls last offset ${value("others")}::int limit 1) as oldest),
    member as (
      select ${users.id}, ${personOf(users.id)} as person from ${users}
      where ${users.id} = ${value("userId")}::uuid and ${users.deletedAt} is null for key share),
    added as (
      insert into ${contributions} (id, user_id, task_id, contribution_type, title, description, skill_ids, metadata)
      select ${value("id")}::uuid, member.id, ${value("taskId")}::uuid, ${value("contributionType")}, ${value("title")},
        ${value("description")}, ${value("skillIds")}::uuid[], ${value("metadata")}::text::json
      from member, asked where not asked.late and asked.unknown_skill is null and asked.oldest is null
      returning verification_status, created_at),
    ${Event.eventInserts(sql`from added`)}
    select asked.late, (select person from member), asked.unknown_skill, asked.oldest, added.verification_status,
      ${utcText(sql`added.created_at`)}, event.sequence, event.redrives
    from asked left join added on true left join event on true`,
);

export * as Contribution from "./contribution.ts";
