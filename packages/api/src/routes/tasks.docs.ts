import * as Contribution from "@gotong/core/domain/contribution/schema.ts";
import * as Comment from "@gotong/core/domain/comment/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import * as Task from "@gotong/core/domain/task/schema.ts";
import type { Code } from "@gotong/core/platform/error.ts";
import { type Operation, REPORT, page } from "../openapi/operation.ts";

const MANAGE: readonly Code[] = ["NOT_FOUND", "FORBIDDEN", "INVALID_TASK_STATE"];
const WORK: readonly Code[] = [...MANAGE, "CONTENT_HIDDEN"];

/** Documentation of the task routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "POST /v1/tasks": { id: "createTask", summary: "Publish a task", answers: { 201: Task.Info } },
  "GET /v1/tasks": {
    id: "listTasks",
    summary: "Tasks, newest first",
    description: `${page} Cached for up to a minute.`,
    answers: { 200: Task.InfoPage },
  },
  "GET /v1/tasks/:task_id": {
    id: "getTask",
    summary: "One task",
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND"],
  },
  "PATCH /v1/tasks/:task_id": {
    id: "updateTask",
    summary: "Change a task",
    description: "For its creator or an admin, before the work has started.",
    answers: { 200: Task.Info },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/claim": {
    id: "claimTask",
    summary: "Claim an open task",
    description:
      "If several members claim it at the same time, exactly as many succeed as there are places. A member can have 20 tasks at a time.",
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "TASK_NOT_OPEN", "INVALID_TASK_STATE", "CONTENT_HIDDEN", "RULE_VIOLATED"],
  },
  "POST /v1/tasks/:task_id/assign": {
    id: "assignTask",
    summary: "Assign an open task to a member",
    description: "For its creator or an admin.",
    answers: { 200: Task.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "TASK_NOT_OPEN", "INVALID_TASK_STATE", "CONTENT_HIDDEN"],
  },
  "POST /v1/tasks/:task_id/unassign": {
    id: "unassignTask",
    summary: "Return a task to the open tasks",
    description:
      "For its assignee, its creator or an admin. If the creator has deleted their account, the task is cancelled instead.",
    answers: { 200: Task.Info },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/cannot-come": {
    id: "cannotCome",
    summary: "Give your place in a task back",
    description: "For an assignee who has not started. The place is free again at once, and the creator is notified.",
    answers: { 200: Task.Info },
    problems: MANAGE,
  },
  "GET /v1/tasks/:task_id/attendance": {
    id: "listAttendance",
    summary: "The attendance of a task: expected members, and which of them came",
    description: `${page} For the creator, admins, and those who were to come.`,
    answers: { 200: Task.AttendancePage },
    problems: ["NOT_FOUND", "FORBIDDEN"],
  },
  "POST /v1/tasks/:task_id/attendance": {
    id: "markAttendance",
    summary: "Mark a member as present or absent",
    description:
      "For the creator or an admin, once the work begins. A member who has started it may mark who else is there. A mark can be changed.",
    answers: { 200: Task.Attendance },
    problems: [...WORK, "RULE_VIOLATED"],
  },
  "POST /v1/tasks/:task_id/close": {
    id: "closeTask",
    summary: "Close a task for several people before all places are taken",
    description:
      "For its creator or an admin. It takes no one else, and is completed once those who have a place have completed it.",
    answers: { 200: Task.Info },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/start": {
    id: "startTask",
    summary: "Start the work on a task",
    description: "For the assignee.",
    answers: { 200: Task.Info },
    problems: WORK,
  },
  "POST /v1/tasks/:task_id/cancel": {
    id: "cancelTask",
    summary: "Cancel a task",
    description: "For its creator or an admin.",
    answers: { 200: Task.Info },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/complete": {
    id: "completeTask",
    summary: "Complete a task, which creates a contribution",
    description: "For the assignee. Missing fields are copied from the task.",
    answers: { 201: Contribution.Info },
    problems: WORK,
  },
  "GET /v1/tasks/:task_id/comments": {
    id: "listTaskComments",
    summary: "Comments on a task, oldest first",
    description: page,
    answers: { 200: Comment.InfoPage },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/tasks/:task_id/comments": {
    id: "commentOnTask",
    summary: "Comment on a task",
    description: "Not allowed for members whom its owner has blocked (403). At most 200 comments of one member a day.",
    answers: { 201: Comment.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN"],
  },
  "POST /v1/tasks/:task_id/reports": {
    id: "reportTask",
    summary: "Report a task to the admins",
    description: REPORT,
    answers: { 201: Report.Info },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
};
