import { type SQL, and, asc, eq, getTableColumns, gt, isNull } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { newestFirst, optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { Event } from "../../outbox/index.ts";
import { AppError } from "../../platform/error.ts";
import { Id } from "../../platform/id.ts";
import { Daily } from "../../platform/limit/index.ts";
import type { Page } from "../../platform/page.ts";
import { refuseBlocked } from "../block/index.ts";
import { ownerAndStatus } from "../contribution/access.ts";
import { Hidden } from "../hidden/index.ts";
import { TaskRow } from "../task/index.ts";
import { notify } from "../notification/notify.ts";
import { lockMembers } from "../user/row.ts";
import { personOf } from "../user/person.sql.ts";
import { comments } from "../task/comment.sql.ts";
import { type CommentInput, paging } from "./input.ts";
import type { Info } from "./schema.ts";

/** Time during which an author may edit a comment. */
const EDITABLE_MINUTES = 15;

export type { Info } from "./schema.ts";

/** What a comment is about: a task or a contribution. */
export type Target = { readonly taskId: string } | { readonly contributionId: string };
type Text = v.InferOutput<typeof CommentInput.Text>;

const columns = { ...getTableColumns(comments), author: personOf(comments.authorId) };
type Row = typeof comments.$inferSelect & Pick<Info, "author">;

/** Condition for reading comments on visible content: only its author and admins can see a hidden comment. */
const visible = () => Hidden.visibleTo(comments.hiddenAt, comments.authorId);
const about = (target: Target): SQL =>
  "taskId" in target ? eq(comments.taskId, target.taskId) : eq(comments.contributionId, target.contributionId);

/**
 * The comments on a task or contribution, oldest first.
 * @throws AppError NOT_FOUND for content that the member cannot see
 */
export async function list(
  target: Target,
  input: v.InferOutput<typeof CommentInput.ListQuery>,
): Promise<Page.Page<Info>> {
  await load(target);
  const after = optionalCondition(input.cursor, ([last]) => gt(comments.id, last));
  const rows = await Db.use()
    .select(columns)
    .from(comments)
    .where(and(about(target), visible(), after))
    .orderBy(asc(comments.id))
    .limit(input.limit + 1);
  return paging.page(rows, input.limit, (row) => [row.id], toInfo);
}

/**
 * Comments on a task or contribution. At most `COMMENT_LIMIT_PER_DAY` comments of one member a day.
 * @throws AppError NOT_FOUND for content that the member cannot see; CONTENT_HIDDEN; FORBIDDEN when its owner has
 * blocked the member; RATE_LIMITED
 */
export async function create(target: Target, input: Text): Promise<Info> {
  const { userId } = Actor.member();
  return Event.act(async () => {
    const { ownerId } = await load(target);
    // Locks the author, so that their comments run one after another and the limit counts all of them.
    await lockMembers([], "no key update");
    await lockMembers([ownerId]);
    const content = await load(target);
    Hidden.assertNot(content);
    await refuseBlocked([ownerId]);
    const limit = Config.section("rules").COMMENT_LIMIT_PER_DAY;
    await Daily.assertBelow({ id: comments.id, owner: comments.authorId, limit, things: "comments" }, userId);
    const id = Id.uuid();
    await Db.use()
      .insert(comments)
      .values({ id, ...target, authorId: userId, text: input.text, createdAt: Clock.now() });
    await notify([...content.concerned, ...(await recentAuthors(target))], {
      kind: "comment_received",
      actorId: userId,
      ...target,
      commentId: id,
    });
    return toInfo(await loadComment(id));
  });
}

/** Number of newest comments whose authors are notified of a new comment. */
const CONVERSATION_COMMENTS = 50;

/** The authors of the newest comments. */
async function recentAuthors(target: Target): Promise<string[]> {
  const rows = await Db.use()
    .select({ authorId: comments.authorId })
    .from(comments)
    .where(and(about(target), isNull(comments.hiddenAt)))
    .orderBy(newestFirst(comments.id))
    .limit(CONVERSATION_COMMENTS);
  return rows.map(({ authorId }) => authorId);
}

/**
 * One comment on content that the member can see.
 * @throws AppError NOT_FOUND
 */
export async function get(commentId: string): Promise<Info> {
  return toInfo(await loadVisible(commentId));
}

/**
 * Changes the text of a comment. Only its author may, for 15 minutes.
 * @throws AppError NOT_FOUND; CONTENT_HIDDEN, also for hidden content; FORBIDDEN, also when the owner of the content
 * has blocked the member; RULE_VIOLATED after 15 minutes
 */
export async function edit(commentId: string, input: Text): Promise<Info> {
  const { userId } = Actor.member();
  return Db.transaction(async () => {
    const row = await loadComment(commentId);
    const content = await load(targetOf(row));
    if (row.authorId !== userId)
      throw new AppError("FORBIDDEN", { detail: "Only the author of the comment may do this." });
    await lockMembers([content.ownerId]);
    await refuseBlocked([content.ownerId]);
    Hidden.assertNot(row);
    Hidden.assertNot(content);
    const now = Clock.now();
    if (now.getTime() - row.createdAt.getTime() > EDITABLE_MINUTES * 60_000)
      throw new AppError("RULE_VIOLATED", {
        detail: `A comment can be edited for ${EDITABLE_MINUTES} minutes.`,
      });
    await Db.use().update(comments).set({ text: input.text, editedAt: now }).where(eq(comments.id, commentId));
    return toInfo(await loadComment(commentId));
  });
}

/**
 * Reads a comment on content that the current member can see.
 * @throws AppError NOT_FOUND
 */
export async function loadVisible(commentId: string): Promise<Row> {
  const row = await loadComment(commentId);
  await load(targetOf(row));
  return row;
}

/**
 * Reads a comment.
 * @throws AppError NOT_FOUND
 */
async function loadComment(commentId: string): Promise<Row> {
  const [row] = await Db.use()
    .select(columns)
    .from(comments)
    .where(and(eq(comments.id, commentId), visible()));
  if (!row) throw new AppError("NOT_FOUND");
  return row;
}

function targetOf(row: Row): Target {
  if (row.taskId !== null) return { taskId: row.taskId };
  if (row.contributionId !== null) return { contributionId: row.contributionId };
  throw new Error("a comment is about nothing");
}

interface Content {
  readonly ownerId: string;
  readonly hiddenAt: Date | null;
  /** The members whom a comment concerns: the owner of the content, and the assignees of a task. */
  readonly concerned: readonly string[];
}

/**
 * The content on which a comment is written.
 * @throws AppError NOT_FOUND for content that the member cannot see
 */
async function load(target: Target): Promise<Content> {
  if ("taskId" in target) {
    const { creatorId, assignees, hiddenAt } = await TaskRow.load(target.taskId);
    return { ownerId: creatorId, hiddenAt, concerned: [creatorId, ...assignees.map(({ user }) => user.id)] };
  }
  const { userId, hiddenAt } = await ownerAndStatus(target.contributionId);
  return { ownerId: userId, hiddenAt, concerned: [userId] };
}

function toInfo(row: Row): Info {
  return {
    id: row.id,
    task_id: row.taskId,
    contribution_id: row.contributionId,
    author_id: row.authorId,
    author: row.author,
    kind: row.kind,
    text: row.text,
    created_at: row.createdAt.toISOString(),
    edited_at: row.editedAt?.toISOString() ?? null,
    hidden: Hidden.mark(row),
  };
}

export * as Comment from "./comment.ts";
