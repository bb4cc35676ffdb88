import * as Task from "@gotong/core/domain/task/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Documentation of the open task routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/open-tasks": {
    id: "listOpenTasks",
    summary: "Open tasks for people without an account, newest first",
    description: `Where the community allows it; otherwise the response is 404. Without members, descriptions and exact places. Every cache may store the response for a minute. ${page}`,
    answers: { 200: Task.OpenPage },
    problems: ["NOT_FOUND"],
    isOpen: true,
  },
};
