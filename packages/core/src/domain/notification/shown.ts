import { sql } from "drizzle-orm";
import { notifications } from "./notification.sql.ts";

// Condition for content that a notification may show: visible content, and hidden content only in the notification that
// informs its author of the hiding.
const isShown = (table: string) =>
  sql`(${sql.raw(table)}.hidden_at is null or ${notifications.kind} = 'content_hidden')`;

const taskId = sql<string | null>`(select t.id from tasks t where t.id = ${notifications.taskId} and ${isShown("t")})`;
const contributionId = sql<
  string | null
>`(select c.id from contributions c where c.id = ${notifications.contributionId} and ${isShown("c")})`;
const commentId = sql<
  string | null
>`(select m.id from comments m where m.id = ${notifications.commentId} and ${isShown("m")})`;
const evidenceId = sql<
  string | null
>`(select e.id from evidence e join contributions c on c.id = e.contribution_id where e.id = ${notifications.evidenceId} and ${isShown("e")} and ${isShown("c")})`;

/** The columns of a notification that its member may see, without the acting member. */
export const shown = {
  id: notifications.id,
  kind: notifications.kind,
  taskId,
  contributionId,
  commentId,
  evidenceId,
  outcome: notifications.outcome,
  createdAt: notifications.createdAt,
  readAt: notifications.readAt,
};

/** The title of the task or contribution. */
export const title = sql<
  string | null
>`coalesce((select t.title from tasks t where t.id = ${notifications.taskId} and ${isShown("t")}), (select c.title from contributions c where c.id = ${notifications.contributionId} and ${isShown("c")}))`;
