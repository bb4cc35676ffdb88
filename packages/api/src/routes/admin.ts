import { Hono } from "hono";
import * as v from "valibot";
import { AuditLog } from "@gotong/core/platform/audit/index.ts";
import { EventLog, Redrive } from "@gotong/core/webhook/index.ts";
import { Input } from "@gotong/core/platform/input.ts";
import { Roles } from "@gotong/core/domain/user/index.ts";
import { body, params, query } from "../middleware/input.ts";
import { requireRole } from "../middleware/require-role.ts";
import { requireMember } from "../middleware/authentication.ts";
import { moderation } from "./moderation.ts";

export const admin = new Hono()
  .use(requireMember, requireRole("admin"))
  .get("/webhook-events", query(EventLog.EventsQuery), async (c) => c.json(await EventLog.events(c.req.valid("query"))))
  .get("/webhook-failures", query(EventLog.FailuresQuery), async (c) =>
    c.json(await EventLog.failures(c.req.valid("query"))),
  )
  .post("/webhook-failures/redrive", body(Redrive.Filter), async (c) =>
    c.json(await Redrive.redriveAll(c.req.valid("json"))),
  )
  .post("/webhook-failures/:failure_id/redrive", params(Redrive.FailureId), async (c) =>
    c.json(await Redrive.redrive(c.req.valid("param").failure_id)),
  )
  .get("/audit-log", query(AuditLog.ListQuery), async (c) => c.json(await AuditLog.list(c.req.valid("query"))))
  .put("/users/:user_id/roles", params(v.strictObject({ user_id: Input.uuid })), body(Roles.Assignment), async (c) =>
    c.json(await Roles.grant(c.req.valid("param").user_id, c.req.valid("json"))),
  )
  .route("/", moderation);
