import { Hono } from "hono";
import { CommentInput } from "@gotong/core/domain/comment/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { body, params, query } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";
import { loadReport, reportBody } from "./reports.ts";

const byId = params(CommentInput.CommentId);
export const commentBody = body(CommentInput.Text);
export const commentQuery = query(CommentInput.ListQuery);

const comment = lazy(() => import("@gotong/core/domain/comment/comment.ts"));
/**
 * Loads the domain of comments at the first request that concerns a comment, since it imports the domains of tasks and
 * contributions.
 */
export const loadComments = async () => (await comment()).Comment;

export const comments = new Hono()
  .use(requireMember)
  .get("/:comment_id", byId, async (c) => {
    const Comment = await loadComments();
    return c.json(await Comment.get(c.req.valid("param").comment_id));
  })
  .patch("/:comment_id", byId, commentBody, async (c) => {
    const Comment = await loadComments();
    return c.json(await Comment.edit(c.req.valid("param").comment_id, c.req.valid("json")));
  })
  .post("/:comment_id/reports", byId, reportBody, async (c) => {
    const Report = await loadReport();
    return c.json(await Report.create("comment", c.req.valid("param").comment_id, c.req.valid("json")), 201);
  });
