import * as Audit from "@gotong/core/platform/audit/schema.ts";
import * as User from "@gotong/core/domain/user/schema.ts";
import * as Webhook from "@gotong/core/webhook/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Documentation of the admin routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/admin/webhook-events": {
    id: "listWebhookEvents",
    summary: "The events of the outbox, newest first",
    description: page,
    answers: { 200: Webhook.EventInfoPage },
    role: "admin",
  },
  "GET /v1/admin/webhook-failures": {
    id: "listWebhookFailures",
    summary: "Dead-lettered events, newest first",
    description: page,
    answers: { 200: Webhook.FailureInfoPage },
    role: "admin",
  },
  "POST /v1/admin/webhook-failures/:failure_id/redrive": {
    id: "redriveWebhookFailure",
    summary: "Redrive a dead-lettered event",
    answers: { 200: Webhook.FailureInfo },
    problems: ["NOT_FOUND"],
    role: "admin",
  },
  "POST /v1/admin/webhook-failures/redrive": {
    id: "redriveWebhookFailures",
    summary: "Redrive dead-lettered events, oldest first",
    answers: { 200: Webhook.RedriveResult },
    role: "admin",
  },
  "GET /v1/admin/audit-log": {
    id: "listAuditLog",
    summary: "The audit log, newest first",
    description: page,
    answers: { 200: Audit.EntryPage },
    role: "admin",
  },
  "PUT /v1/admin/users/:user_id/roles": {
    id: "setRoles",
    summary: "Set the roles of a member",
    answers: { 200: User.Info },
    problems: ["NOT_FOUND", "LAST_ADMIN"],
    role: "admin",
  },
};
