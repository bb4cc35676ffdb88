import type { Code } from "@gotong/core/platform/error.ts";
import { ACCOUNT_OPERATIONS } from "./account-operations.ts";
import { EVIDENCE_OPERATIONS } from "./evidence-operations.ts";
import { MODERATION_OPERATIONS } from "./moderation-operations.ts";
import { type Operation, page } from "./operation.ts";

const MANAGE: readonly Code[] = ["NOT_FOUND", "FORBIDDEN", "INVALID_TASK_STATE"];
const WORK: readonly Code[] = [...MANAGE, "CONTENT_HIDDEN"];

/**
 * What the document says of each route besides its input, by method and pattern. A route without an entry here fails the build;
 * an entry whose route is still to come waits.
 */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...ACCOUNT_OPERATIONS,
  "GET /v1/users/:user_id": {
    id: "getUser",
    summary: "A member",
    answers: { 200: "User" },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/users/:user_id/reputation": {
    id: "getReputation",
    summary: "A member's reputation",
    description:
      "Read from Markov and kept for 5 minutes; while Markov is away the last known one, with `stale: true`.",
    answers: { 200: "Reputation" },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/users/:user_id/contributions": {
    id: "listUserContributions",
    summary: "A member's contributions, newest first",
    description: page,
    answers: { 200: "ContributionPage" },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/users/:user_id/vouches": {
    id: "listUserVouches",
    summary: "Vouches for a member, newest first",
    description: page,
    answers: { 200: "VouchPage" },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/skills": { id: "listSkills", summary: "Skills, by name", description: page, answers: { 200: "SkillPage" } },
  "POST /v1/skills": {
    id: "createSkill",
    summary: "Add a skill",
    answers: { 201: "Skill" },
    problems: ["SKILL_EXISTS"],
    role: "admin",
  },
  "POST /v1/tasks": { id: "createTask", summary: "Publish a task", answers: { 201: "Task" } },
  "GET /v1/tasks": {
    id: "listTasks",
    summary: "Tasks, newest first",
    description: `${page} Kept for up to a minute.`,
    answers: { 200: "TaskPage" },
  },
  "GET /v1/tasks/:task_id": { id: "getTask", summary: "A task", answers: { 200: "Task" }, problems: ["NOT_FOUND"] },
  "PATCH /v1/tasks/:task_id": {
    id: "updateTask",
    summary: "Change what a task says",
    description: "Its creator or an admin may, while nobody works on it.",
    answers: { 200: "Task" },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/claim": {
    id: "claimTask",
    summary: "Take an open task",
    description: "Of any number of members at once exactly one gets it.",
    answers: { 200: "Task" },
    problems: ["NOT_FOUND", "FORBIDDEN", "TASK_NOT_OPEN", "CONTENT_HIDDEN"],
  },
  "POST /v1/tasks/:task_id/assign": {
    id: "assignTask",
    summary: "Give an open task to a member",
    description: "Its creator or an admin may.",
    answers: { 200: "Task" },
    problems: ["NOT_FOUND", "FORBIDDEN", "TASK_NOT_OPEN", "CONTENT_HIDDEN"],
  },
  "POST /v1/tasks/:task_id/unassign": {
    id: "unassignTask",
    summary: "Open a task again",
    description:
      "Its assignee, its creator or an admin may. One whose creator has deleted their account is cancelled instead.",
    answers: { 200: "Task" },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/start": {
    id: "startTask",
    summary: "Begin the work",
    description: "Only the assignee may.",
    answers: { 200: "Task" },
    problems: WORK,
  },
  "POST /v1/tasks/:task_id/cancel": {
    id: "cancelTask",
    summary: "Call a task off",
    description: "Its creator or an admin may.",
    answers: { 200: "Task" },
    problems: MANAGE,
  },
  "POST /v1/tasks/:task_id/complete": {
    id: "completeTask",
    summary: "End the work, which makes a contribution",
    description: "Only the assignee may. What is left out is taken from the task.",
    answers: { 201: "Contribution" },
    problems: WORK,
  },
  "POST /v1/contributions": {
    id: "createContribution",
    summary: "Record a contribution that no task led to",
    answers: { 201: "Contribution" },
  },
  "GET /v1/contributions": {
    id: "listContributions",
    summary: "Contributions, newest first",
    description: page,
    answers: { 200: "ContributionPage" },
  },
  "GET /v1/contributions/:contribution_id": {
    id: "getContribution",
    summary: "A contribution with its evidence and verifications",
    description:
      "The first 20 of each; the others come with `evidence_next_cursor` and `verifications_next_cursor` from lists of their own.",
    answers: { 200: "ContributionDetail" },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/contributions/:contribution_id/verifications": {
    id: "verifyContribution",
    summary: "Vote on a contribution",
    description:
      "Once, and never on your own, nor where you submitted evidence or an accepted piece names you as a witness (403). With a quorum the majority decides. A vote that names an `evidence_version` counts only while the evidence is that.",
    answers: { 201: "VerificationResult" },
    problems: ["NOT_FOUND", "ALREADY_VERIFIED", "VERIFICATION_CLOSED", "CONTENT_HIDDEN", "EVIDENCE_CHANGED"],
    role: "verifier",
  },
  ...EVIDENCE_OPERATIONS,
  "POST /v1/vouches": {
    id: "createVouch",
    summary: "Vouch for a member",
    description:
      "Once in general, and once for each skill; ten a day. Admins may, members who came by an invitation (not for the member who invited them), and members with enough reputation.",
    answers: { 201: "Vouch" },
    problems: ["FORBIDDEN", "RULE_VIOLATED", "REPUTATION_TOO_LOW", "ALREADY_VOUCHED"],
  },
  "GET /v1/admin/webhook-events": {
    id: "listWebhookEvents",
    summary: "The outbox, newest first",
    description: page,
    answers: { 200: "WebhookEventPage" },
    role: "admin",
  },
  "GET /v1/admin/webhook-failures": {
    id: "listWebhookFailures",
    summary: "Events that were given up, newest first",
    description: page,
    answers: { 200: "WebhookFailurePage" },
    role: "admin",
  },
  "POST /v1/admin/webhook-failures/:failure_id/redrive": {
    id: "redriveWebhookFailure",
    summary: "Send a dead-lettered event again",
    answers: { 200: "WebhookFailure" },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/webhook-failures/redrive": {
    id: "redriveWebhookFailures",
    summary: "Send many dead-lettered events again, the oldest first",
    answers: { 200: "RedriveResult" },
    role: "admin",
  },
  "GET /v1/admin/audit-log": {
    id: "listAuditLog",
    summary: "The audit log, newest first",
    description: page,
    answers: { 200: "AuditEntryPage" },
    role: "admin",
  },
  "PUT /v1/admin/users/:user_id/roles": {
    id: "setRoles",
    summary: "Give a member exactly these roles",
    answers: { 200: "User" },
    problems: ["NOT_FOUND", "LAST_ADMIN"],
    role: "admin",
  },
  ...MODERATION_OPERATIONS,
  "GET /live": { id: "getLive", summary: "Whether the process runs", answers: { 200: "Live" }, isOpen: true },
  "GET /ready": {
    id: "getReady",
    summary: "Whether it takes work",
    description: "Redis that is away is told in `checks` and changes nothing: everything works without it.",
    answers: { 200: "Ready", 503: "Ready" },
    isOpen: true,
  },
  "GET /health": {
    id: "getHealth",
    summary: "Whether each part answers",
    description: "`deep=true` also asks a database that is allowed to sleep, which wakes it.",
    answers: { 200: "Health", 503: "Health" },
    isOpen: true,
  },
  "GET /metrics": {
    id: "getMetrics",
    summary: "Metrics as Prometheus text",
    description: "Not on AWS Lambda, whose metrics go to CloudWatch.",
    answers: { 200: "text/plain" },
    problems: ["NOT_FOUND"],
    isOpen: true,
  },
  "GET /openapi.json": {
    id: "getOpenApi",
    summary: "This document",
    answers: { 200: "application/json" },
    isOpen: true,
  },
  "GET /docs": { id: "getDocs", summary: "This document as a page", answers: { 200: "text/html" }, isOpen: true },
  "GET /docs/problems": {
    id: "getProblems",
    summary: "The catalogue of problems",
    answers: { 200: "text/html" },
    isOpen: true,
  },
};
