import { randomBytes, randomUUID } from "node:crypto";
import { REQUESTS } from "@gotong/api/openapi/examples.ts";
import { freshPassword, taskInput } from "../../harness/factories.ts";
import type { Cast } from "./cast.ts";
import { ATTENDANCE_ROWS } from "./attendance-rows.ts";
import { AVATAR_ROWS } from "./avatar-rows.ts";
import { COMMENT_ROWS } from "./comment-rows.ts";
import { added, attested, contribution, evidence, gps, id, notification, photographed, task } from "./objects.ts";
import { type Row, everyone, members, only } from "./row.ts";
import { UPLOAD_ROWS } from "./upload-rows.ts";

const get = (path: string): Row => ({ statuses: members(200), ask: () => ({ path }) });
const random = () => randomBytes(6).toString("hex");

const report = { reason: "spam" };
const reported = async (cast: Cast) => id(await (await cast.newcomer()).post(`${await task(cast)}/reports`, report));
const reason = { reason: "It names a child." };
const underAdmin = (path: string, step: string) => `${path.replace("/v1/", "/v1/admin/")}/${step}`;

const account = () => ({
  username: `u-${random()}`,
  email: `m.${random()}@example.org`,
  password: freshPassword(),
});

/** Expected status of every route for every actor. A route that is missing here fails the test. */
export const ROWS: Readonly<Record<string, Row>> = {
  "GET /live": { statuses: everyone(200), ask: () => ({ path: "/live" }) },
  "GET /ready": { statuses: everyone(200), ask: () => ({ path: "/ready" }) },
  "GET /health": { statuses: everyone(200), ask: () => ({ path: "/health" }) },
  "GET /metrics": { statuses: everyone(200), ask: () => ({ path: "/metrics" }) },
  "GET /.well-known/gotong-proof-keys.json": {
    statuses: everyone(200),
    ask: () => ({ path: "/.well-known/gotong-proof-keys.json" }),
  },
  "GET /openapi.json": { statuses: everyone(200), ask: () => ({ path: "/openapi.json" }) },
  "GET /docs": { statuses: everyone(200), ask: () => ({ path: "/docs" }) },
  "GET /docs/problems": { statuses: everyone(200), ask: () => ({ path: "/docs/problems" }) },

  "POST /v1/auth/register": {
    statuses: everyone(201),
    ask: () => ({ path: "/v1/auth/register", body: account() }),
  },
  "POST /v1/auth/login": {
    statuses: everyone(200),
    ask: ({ owner: { email, password } }) => ({ path: "/v1/auth/login", body: { email, password } }),
  },
  "POST /v1/auth/refresh": {
    statuses: everyone(200),
    ask: async ({ newcomer }) => ({
      path: "/v1/auth/refresh",
      body: { refresh_token: (await newcomer()).refreshToken },
    }),
  },
  "POST /v1/auth/logout": {
    statuses: everyone(204),
    ask: () => ({ path: "/v1/auth/logout", body: { refresh_token: "unknown" } }),
  },
  "POST /v1/auth/password-resets": {
    statuses: everyone(202),
    ask: () => ({ path: "/v1/auth/password-resets", body: { email: "unknown@example.org" } }),
  },
  "POST /v1/auth/password-resets/confirm": {
    statuses: everyone(422),
    ask: () => ({
      path: "/v1/auth/password-resets/confirm",
      body: { token: "unknown", password: "a long enough phrase" },
    }),
  },

  "POST /v1/auth/email-proofs": {
    statuses: everyone(202),
    ask: () => ({ path: "/v1/auth/email-proofs", body: { email: "unknown@example.org" } }),
  },
  "POST /v1/auth/email-proofs/confirm": {
    statuses: everyone(422),
    ask: () => ({ path: "/v1/auth/email-proofs/confirm", body: { token: "unknown" } }),
  },

  ...AVATAR_ROWS,
  "GET /v1/me": get("/v1/me"),
  "PATCH /v1/me": { statuses: members(200), ask: () => ({ path: "/v1/me", body: { bio: "Here." } }) },
  "DELETE /v1/me": {
    statuses: members(204),
    ask: (_cast, _who, asker) => ({ path: "/v1/me", body: { password: asker?.password ?? "none" } }),
    asNewcomer: true,
  },
  "POST /v1/me/email": {
    statuses: members(202),
    ask: (_cast, _who, asker) => ({
      path: "/v1/me/email",
      body: { email: `new.${random()}@example.org`, password: asker?.password ?? "none" },
    }),
    asNewcomer: true,
  },
  "POST /v1/auth/email-changes/confirm": {
    statuses: everyone(422),
    ask: () => ({ path: "/v1/auth/email-changes/confirm", body: { token: "unknown" } }),
  },
  "POST /v1/me/password": {
    statuses: members(204),
    ask: (_cast, _who, asker) => ({
      path: "/v1/me/password",
      body: { current_password: asker?.password ?? "none", new_password: "an entirely new phrase" },
    }),
    asNewcomer: true,
  },
  "GET /v1/me/mfa": get("/v1/me/mfa"),
  "POST /v1/me/mfa/totp": {
    statuses: members(201),
    ask: (_cast, _who, asker) => ({ path: "/v1/me/mfa/totp", body: { password: asker?.password ?? "none" } }),
    asNewcomer: true,
  },
  "POST /v1/me/mfa/totp/confirm": {
    statuses: members(404), // no enrolment was started: see tests/integration/session/mfa.test.ts
    ask: () => ({ path: "/v1/me/mfa/totp/confirm", body: { code: "123456" } }),
    asNewcomer: true,
  },
  "DELETE /v1/me/mfa/totp": {
    statuses: members(404),
    ask: () => ({ path: "/v1/me/mfa/totp", body: { password: "none", code: "123456" } }),
  },
  "POST /v1/me/mfa/recovery-codes": {
    statuses: members(404),
    ask: () => ({ path: "/v1/me/mfa/recovery-codes", body: { password: "none", code: "123456" } }),
  },
  "GET /v1/me/sessions": get("/v1/me/sessions"),
  "DELETE /v1/me/sessions": { statuses: members(204), ask: () => ({ path: "/v1/me/sessions" }) },
  "DELETE /v1/me/sessions/:session_id": {
    statuses: members(404), // another member's session: own sessions are in tests/integration/session/sessions.test.ts
    ask: async ({ newcomer }) => {
      const listed = await (await newcomer()).get("/v1/me/sessions");
      return { path: `/v1/me/sessions/${String(listed.json["data"]?.[0]?.["id"])}` };
    },
  },
  "GET /v1/me/export": get("/v1/me/export"),

  "GET /v1/me/attestations": get("/v1/me/attestations"),
  "GET /v1/me/notification-settings": get("/v1/me/notification-settings"),
  "PATCH /v1/me/notification-settings": {
    statuses: members(200),
    ask: () => ({ path: "/v1/me/notification-settings", body: { time_zone: "Asia/Makassar" } }),
  },
  "POST /v1/me/push-subscriptions": {
    statuses: members(422),
    ask: () => ({ path: "/v1/me/push-subscriptions", body: REQUESTS["subscribeToPushes"] }),
  },
  "DELETE /v1/me/push-subscriptions/:subscription_id": {
    statuses: members(204),
    ask: () => ({ path: `/v1/me/push-subscriptions/${randomUUID()}` }),
  },
  "GET /v1/notifications": get("/v1/notifications"),
  "POST /v1/notifications/read": { statuses: members(200), ask: () => ({ path: "/v1/notifications/read", body: {} }) },
  "POST /v1/notifications/:notification_id/read": {
    statuses: only(["owner"], 200, 404),
    ask: async (cast) => ({ path: `${await notification(cast)}/read` }),
  },
  "GET /v1/me/blocks": get("/v1/me/blocks"),
  "PUT /v1/me/blocks/:user_id": {
    statuses: members(200),
    ask: async ({ newcomer }) => ({ path: `/v1/me/blocks/${(await newcomer()).id}` }),
  },
  "DELETE /v1/me/blocks/:user_id": {
    statuses: members(204),
    ask: async ({ newcomer }) => ({ path: `/v1/me/blocks/${(await newcomer()).id}` }),
  },

  "GET /v1/users": {
    statuses: members(200),
    ask: ({ owner }) => ({ path: `/v1/users?ids=${owner.id}` }),
  },
  "GET /v1/users/:user_id": {
    statuses: members(200),
    ask: ({ owner }) => ({ path: `/v1/users/${owner.id}` }),
  },
  "GET /v1/users/:user_id/reputation": {
    statuses: members(200),
    ask: ({ owner }) => ({ path: `/v1/users/${owner.id}/reputation` }),
  },
  "GET /v1/users/:user_id/contributions": {
    statuses: members(200),
    ask: ({ owner }) => ({ path: `/v1/users/${owner.id}/contributions` }),
  },
  "GET /v1/users/:user_id/vouches": {
    statuses: members(200),
    ask: ({ owner }) => ({ path: `/v1/users/${owner.id}/vouches` }),
  },

  "POST /v1/users/:user_id/reports": {
    statuses: members(201),
    ask: async ({ newcomer }) => ({ path: `/v1/users/${(await newcomer()).id}/reports`, body: report }),
  },

  "GET /v1/vouches": get("/v1/vouches"),
  "GET /v1/verification-queue": { statuses: only(["verifier"], 200), ask: () => ({ path: "/v1/verification-queue" }) },

  "GET /v1/skills": get("/v1/skills"),
  "POST /v1/skills": {
    statuses: only(["admin"], 201),
    ask: () => ({ path: "/v1/skills", body: { name: `Skill ${random()}`, category: "test" } }),
  },

  "GET /v1/tasks": get("/v1/tasks"),
  "POST /v1/tasks": {
    statuses: members(201),
    ask: () => ({ path: "/v1/tasks", body: taskInput() }),
  },
  "GET /v1/tasks/:task_id": { statuses: members(200), ask: async (cast) => ({ path: await task(cast) }) },
  "PATCH /v1/tasks/:task_id": {
    statuses: only(["owner", "admin"], 200),
    ask: async (cast) => ({ path: await task(cast, "claim"), body: { title: "Changed" } }),
  },
  "POST /v1/tasks/:task_id/claim": {
    statuses: members(200),
    ask: async (cast) => ({ path: `${await task(cast)}/claim` }),
  },
  "POST /v1/tasks/:task_id/assign": {
    statuses: only(["owner", "admin"], 200),
    ask: async (cast) => ({ path: `${await task(cast)}/assign`, body: { user_id: cast.assignee.id } }),
  },
  "POST /v1/tasks/:task_id/close": {
    statuses: only(["owner", "admin"], 200),
    ask: async (cast) => {
      const made = await cast.owner.post("/v1/tasks", taskInput({ people_needed: 2 }));
      await cast.assignee.post(`/v1/tasks/${id(made)}/claim`);
      return { path: `/v1/tasks/${id(made)}/close` };
    },
  },
  "POST /v1/tasks/:task_id/start": {
    statuses: only(["assignee"], 200),
    ask: async (cast) => ({ path: `${await task(cast, "claim")}/start` }),
  },
  "POST /v1/tasks/:task_id/cancel": {
    statuses: only(["owner", "admin"], 200),
    ask: async (cast) => ({ path: `${await task(cast, "claim")}/cancel` }),
  },
  "POST /v1/tasks/:task_id/complete": {
    statuses: only(["assignee"], 201),
    ask: async (cast) => ({ path: `${await task(cast, "claim", "start")}/complete` }),
  },

  "POST /v1/tasks/:task_id/reports": {
    statuses: { ...members(201), owner: 422 },
    ask: async (cast) => ({ path: `${await task(cast)}/reports`, body: report }),
  },

  ...ATTENDANCE_ROWS,
  ...COMMENT_ROWS,
  ...UPLOAD_ROWS,

  "GET /v1/contributions": get("/v1/contributions"),
  "POST /v1/contributions": {
    statuses: members(201),
    ask: () => ({ path: "/v1/contributions", body: { contribution_type: "custom", title: "Direct" } }),
  },
  "GET /v1/contributions/:contribution_id": {
    statuses: members(200),
    ask: async (cast) => ({ path: await contribution(cast) }),
  },
  "GET /v1/contributions/:contribution_id/proof": {
    statuses: only(["owner", "verifier", "admin"], 200),
    ask: async (cast) => ({ path: `${await contribution(cast)}/proof` }),
  },
  "POST /v1/contributions/:contribution_id/evidence": {
    statuses: members(201),
    ask: async (cast) => ({ path: `${await contribution(cast)}/evidence`, body: gps() }),
  },
  "GET /v1/contributions/:contribution_id/evidence": {
    statuses: members(200),
    ask: async (cast) => ({ path: `${await contribution(cast)}/evidence` }),
  },
  "GET /v1/contributions/:contribution_id/verifications": {
    statuses: members(200),
    ask: async (cast) => ({ path: `${await contribution(cast)}/verifications` }),
  },
  "POST /v1/contributions/:contribution_id/verifications": {
    statuses: only(["verifier"], 201),
    ask: async (cast) => ({ path: `${await contribution(cast)}/verifications`, body: { outcome: "approved" } }),
  },

  "POST /v1/contributions/:contribution_id/reports": {
    statuses: { ...members(201), owner: 422 },
    ask: async (cast) => ({ path: `${await contribution(cast)}/reports`, body: report }),
  },

  "POST /v1/evidence/:evidence_id/reports": {
    statuses: { ...members(201), owner: 422 },
    ask: async (cast) => ({ path: `${await evidence(cast)}/reports`, body: report }),
  },
  "GET /v1/evidence/:evidence_id": {
    statuses: members(200),
    ask: async (cast) => ({ path: await evidence(cast) }),
  },
  "POST /v1/evidence/:evidence_id/consent": {
    statuses: only(["owner"], 200),
    ask: async (cast) => ({ path: `${await added(cast)}/consent`, body: { accept: true } }),
  },
  "POST /v1/evidence/:evidence_id/attestation": {
    statuses: only(["assignee"], 200),
    ask: async (cast) => ({ path: `${await attested(cast)}/attestation`, body: { confirm: true } }),
  },
  "POST /v1/evidence/:evidence_id/withdraw": {
    statuses: only(["owner", "assignee", "admin"], 200),
    ask: async (cast) => ({ path: `${await added(cast)}/withdraw`, body: { reason: "Of another place" } }),
  },
  "GET /v1/evidence/:evidence_id/download": {
    statuses: only(["owner", "verifier", "admin"], 200, 404),
    ask: async (cast) => ({ path: `${await photographed(cast)}/download` }),
  },
  "GET /v1/evidence/:evidence_id/thumbnail": {
    statuses: members(404), // a file in examination has no thumbnail yet: see tests/integration/evidence/thumbnail.test.ts
    ask: async (cast) => ({ path: `${await photographed(cast)}/thumbnail` }),
  },

  "POST /v1/vouches": {
    statuses: members(201),
    ask: async ({ newcomer }) => ({ path: "/v1/vouches", body: { vouchee_id: (await newcomer()).id } }),
  },

  "GET /v1/invitations": get("/v1/invitations"),
  "POST /v1/invitations": {
    statuses: only(["admin"], 201),
    ask: () => ({ path: "/v1/invitations", body: { email: `guest.${random()}@example.org` } }),
  },
  // The route is off by default. tests/integration/task/open-tasks.test.ts tests its responses where it is on.
  "GET /v1/open-tasks": { statuses: everyone(404), ask: () => ({ path: "/v1/open-tasks" }) },
  "DELETE /v1/invitations/:invitation_id": {
    statuses: only(["admin"], 204, 404),
    ask: async ({ newcomer }) => {
      const sender = await newcomer(["admin"]);
      const made = await sender.post("/v1/invitations", { email: `guest.${random()}@example.org` });
      return { path: `/v1/invitations/${id(made)}` };
    },
  },

  "GET /v1/admin/webhook-events": {
    statuses: only(["admin"], 200),
    ask: () => ({ path: "/v1/admin/webhook-events" }),
  },
  "GET /v1/admin/webhook-failures": {
    statuses: only(["admin"], 200),
    ask: () => ({ path: "/v1/admin/webhook-failures" }),
  },
  "POST /v1/admin/webhook-failures/redrive": {
    statuses: only(["admin"], 200),
    ask: () => ({ path: "/v1/admin/webhook-failures/redrive", body: {} }),
  },
  "POST /v1/admin/webhook-failures/:failure_id/redrive": {
    statuses: only(["admin"], 404),
    ask: () => ({ path: `/v1/admin/webhook-failures/${randomUUID()}/redrive` }),
  },
  "GET /v1/admin/audit-log": {
    statuses: only(["admin"], 200),
    ask: () => ({ path: "/v1/admin/audit-log" }),
  },
  "GET /v1/admin/reports": { statuses: only(["admin"], 200), ask: () => ({ path: "/v1/admin/reports" }) },
  "GET /v1/admin/reports/:report_id": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: `/v1/admin/reports/${await reported(cast)}` }),
  },
  "POST /v1/admin/reports/:report_id/resolve": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({
      path: `/v1/admin/reports/${await reported(cast)}/resolve`,
      body: { outcome: "dismissed" },
    }),
  },
  "POST /v1/admin/tasks/:task_id/hide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: underAdmin(await task(cast), "hide"), body: reason }),
  },
  "POST /v1/admin/tasks/:task_id/unhide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: underAdmin(await task(cast), "unhide") }),
  },
  "POST /v1/admin/contributions/:contribution_id/hide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: underAdmin(await contribution(cast), "hide"), body: reason }),
  },
  "POST /v1/admin/contributions/:contribution_id/unhide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: underAdmin(await contribution(cast), "unhide") }),
  },
  "POST /v1/admin/evidence/:evidence_id/hide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: underAdmin(await evidence(cast), "hide"), body: reason }),
  },
  "POST /v1/admin/evidence/:evidence_id/unhide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: underAdmin(await evidence(cast), "unhide") }),
  },
  "PUT /v1/admin/users/:user_id/roles": {
    statuses: only(["admin"], 200),
    ask: async ({ newcomer }) => ({
      path: `/v1/admin/users/${(await newcomer()).id}/roles`,
      body: { roles: ["verifier"] },
    }),
  },
};
