import { sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { statement } from "../../platform/db/index.ts";
import { Id } from "../../platform/id.ts";
import { blocks } from "../block/block.sql.ts";
import { users } from "../user/user.sql.ts";
import { DEFAULTS, type Kind } from "./kinds.ts";
import { type OUTCOMES, notificationSettings, notifications, pushSubscriptions } from "./notification.sql.ts";

const DAY_MS = 86_400_000;

/** An act and the content that it affects, for the notification of members. */
export interface Notice {
  readonly kind: Kind;
  /** The member who acted; null for the platform, and for acts whose actor the recipients must not learn. */
  readonly actorId: string | null;
  readonly taskId?: string | null;
  readonly contributionId?: string | null;
  readonly commentId?: string;
  readonly evidenceId?: string;
  readonly outcome?: (typeof OUTCOMES)[number];
}

/** Inserts in the order of members, so that two acts that notify the same members cannot deadlock. */
const insert = statement<readonly [id: string]>(() => {
  const value = (name: string) => sql.placeholder(name);
  const chosen = (channel: string) =>
    sql`coalesce((settings.choices -> ${value("kind")}::text ->> ${sql.raw(`'${channel}'`)})::boolean, ${value(channel)}::boolean)`;
  return sql`insert into ${notifications}
      (id, user_id, kind, actor_id, task_id, contribution_id, comment_id, evidence_id, outcome, in_feed, for_mail, is_new, push_due_at, created_at)
    select due.id, due.user_id, ${value("kind")}::text, ${value("actorId")}::uuid, ${value("taskId")}::uuid, ${value("contributionId")}::uuid,
      ${value("commentId")}::uuid, ${value("evidenceId")}::uuid, ${value("outcome")}::text, due.feed, due.mail, due.mail,
      case when due.push then ${value("now")}::timestamptz end, ${value("now")}::timestamptz
    from (
      select given.id, given.user_id, ${chosen("feed")} as feed, ${chosen("mail")} as mail,
        ${chosen("push")} and exists (select from ${pushSubscriptions} device where device.user_id = given.user_id) as push
      from unnest(${value("ids")}::uuid[], ${value("userIds")}::uuid[]) as given (id, user_id)
      join ${users} recipient on recipient.id = given.user_id and recipient.deleted_at is null
      left join ${notificationSettings} settings on settings.user_id = given.user_id
      where not exists (select 1 from ${blocks} block where block.blocker_id = given.user_id and block.blocked_id = ${value("actorId")}::uuid)
        and not exists (select 1 from ${blocks} block where block.blocker_id = ${value("actorId")}::uuid and block.blocked_id = given.user_id)
        and (select count(*) from (select from ${notifications} earlier where earlier.user_id = given.user_id and earlier.id > ${value("firstId")}::uuid
          and earlier.actor_id = ${value("actorId")}::uuid and earlier.kind = ${value("kind")}::text limit ${value("limit")}::int) same) < ${value("limit")}::int
    ) due where due.feed or due.mail or due.push order by due.user_id
    returning id`;
});

/**
 * Notifies members of the current act, in its transaction: each member once, by the channels of their settings. Leaves
 * out the acting member, deleted members, members with a block between them and the acting member, and members whom the
 * acting member has caused `NOTIFICATION_LIMIT_PER_DAY` of this kind: acts that can be repeated, such as a claim that is
 * given back, must not fill another member's feed and phone.
 * @param userIds of the recipients; null for none
 */
export async function notify(userIds: readonly (string | null)[], notice: Notice): Promise<void> {
  const recipients = [...new Set(userIds)].filter((id) => id !== null && id !== notice.actorId);
  if (recipients.length === 0) return;
  const { kind, actorId, taskId = null, contributionId = null, commentId = null, evidenceId = null } = notice;
  const { feed, mail, push } = DEFAULTS[kind];
  const now = Clock.now();
  await insert({
    kind,
    actorId,
    taskId,
    contributionId,
    commentId,
    evidenceId,
    outcome: notice.outcome ?? null,
    feed,
    mail,
    push,
    ids: recipients.map(() => Id.uuid()),
    userIds: recipients,
    firstId: Id.firstOf(now.getTime() - DAY_MS),
    limit: Config.section("rules").NOTIFICATION_LIMIT_PER_DAY,
    now: now.toISOString(),
  });
}
