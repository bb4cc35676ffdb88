import * as Contribution from "@gotong/core/domain/contribution/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import * as Task from "@gotong/core/domain/task/schema.ts";
import type { Code } from "@gotong/core/platform/error.ts";
import { type Operation, REPORT, page } from "../openapi/operation.ts";

const MANAGE: readonly Code[] = ["NOT_FOUND", "FORBIDDEN", "INVALID_TASK_STATE"];
const WORK: readonly Code[] = [...MANAGE, "CONTENT_HIDDEN"];

/** What the document says of these routes: see {@link Operation}. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "POST /v1/tasks": { id: "createTask", summary: "Publish a task", answers: { 201: Task.Info } },
  "GET /v1/tasks": {
    id: "listTasks",
    summary: "Tasks, newest first",
    description: `${page} Kept for up to a minute.`,
    answers: { 200: Task.InfoPage },
  },
  "GET /v1/tasks/:task_id": { id: "getTask", summary: "A task", answers: { 200: Task.Info }, problems: ["NOT_FOUND"] },
  "PATCH /v1/tasks/:task_id": {
    id: "updateTask",
    summary: "Change what a task says",
    description: "Its creator or an admin may, while nobody works on it.",
    answers: { 200: Task.Info },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/claim": {
    id: "claimTask",
    summary: "Take an open task",
    description: "Of any number of members at once exactly one gets it.",
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "TASK_NOT_OPEN", "CONTENT_HIDDEN"],
  },
  "POST /v1/tasks/:task_id/assign": {
    id: "assignTask",
    summary: "Give an open task to a member",
    description: "Its creator or an admin may.",
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "TASK_NOT_OPEN", "CONTENT_HIDDEN"],
  },
  "POST /v1/tasks/:task_id/unassign": {
    id: "unassignTask",
    summary: "Open a task again",
    description:
      "Its assignee, its creator or an admin may. One whose creator has deleted their account is cancelled instead.",
    answers: { 200: Task.Info },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/start": {
    id: "startTask",
    summary: "Begin the work",
    description: "Only the assignee may.",
    answers: { 200: Task.Info },
    problems: WORK,
  },
  "POST /v1/tasks/:task_id/cancel": {
    id: "cancelTask",
    summary: "Call a task off",
    description: "Its creator or an admin may.",
    answers: { 200: Task.Info },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/complete": {
    id: "completeTask",
    summary: "End the work, which makes a contribution",
    description: "Only the assignee may. What is left out is taken from the task.",
    answers: { 201: Contribution.Info },
    problems: WORK,
  },
  "POST /v1/tasks/:task_id/reports": {
    id: "reportTask",
    summary: "Report a task to the admins",
    description: REPORT,
    answers: { 201: Report.Info },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
};
