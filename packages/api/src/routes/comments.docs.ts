import * as Comment from "@gotong/core/domain/comment/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import { type Operation, REPORT } from "../openapi/operation.ts";

/** Documentation of the comment routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/comments/:comment_id": {
    id: "getComment",
    summary: "One comment",
    answers: { 200: Comment.Info },
    problems: ["NOT_FOUND"],
  },
  "PATCH /v1/comments/:comment_id": {
    id: "updateComment",
    summary: "Edit a comment",
    description: "For its author, for 15 minutes.",
    answers: { 200: Comment.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN", "RULE_VIOLATED"],
  },
  "POST /v1/comments/:comment_id/reports": {
    id: "reportComment",
    summary: "Report a comment to the admins",
    description: REPORT,
    answers: { 201: Report.Info },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
};
