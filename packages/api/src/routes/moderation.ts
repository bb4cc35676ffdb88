import { Hono } from "hono";
import * as v from "valibot";
import { Input } from "@gotong/core/platform/input.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { ModerationInput } from "@gotong/core/domain/moderation/index.ts";
import { QueueInput } from "@gotong/core/domain/report/index.ts";
import { body, params, query } from "../middleware/input.ts";

const task = params(v.strictObject({ task_id: Input.uuid }));
const contribution = params(v.strictObject({ contribution_id: Input.uuid }));
const evidence = params(v.strictObject({ evidence_id: Input.uuid }));
const comment = params(v.strictObject({ comment_id: Input.uuid }));
const member = params(v.strictObject({ user_id: Input.uuid }));
const report = params(QueueInput.ReportId);
const reason = body(ModerationInput.Reason);

/** Loaded on demand, since it imports all domains, 18 KB more than the other admin routes. */
const hiding = lazy(() => import("@gotong/core/domain/moderation/hide.ts"));
const moderation$ = async () => (await hiding()).Moderation;

const queue = lazy(() => import("@gotong/core/domain/report/queue.ts"));
const reports$ = async () => (await queue()).ReportQueue;

/** Routes for the moderation of content. Mounted in the admin routes, which require the role. */
export const moderation = new Hono()
  .get("/reports", query(QueueInput.ListQuery), async (c) =>
    c.json(await (await reports$()).list(c.req.valid("query"))),
  )
  .get("/reports/:report_id", report, async (c) => c.json(await (await reports$()).get(c.req.valid("param").report_id)))
  .post("/reports/:report_id/resolve", report, body(QueueInput.Resolution), async (c) =>
    c.json(await (await reports$()).resolve(c.req.valid("param").report_id, c.req.valid("json"))),
  )
  .post("/users/:user_id/avatar/hide", member, reason, async (c) =>
    c.json(await (await moderation$()).hideAvatar(c.req.valid("param").user_id, c.req.valid("json"))),
  )
  .post("/users/:user_id/avatar/unhide", member, async (c) =>
    c.json(await (await moderation$()).unhideAvatar(c.req.valid("param").user_id)),
  )
  .post("/tasks/:task_id/hide", task, reason, async (c) =>
    c.json(await (await moderation$()).hideTask(c.req.valid("param").task_id, c.req.valid("json"))),
  )
  .post("/tasks/:task_id/unhide", task, async (c) =>
    c.json(await (await moderation$()).unhideTask(c.req.valid("param").task_id)),
  )
  .post("/contributions/:contribution_id/hide", contribution, reason, async (c) =>
    c.json(await (await moderation$()).hideContribution(c.req.valid("param").contribution_id, c.req.valid("json"))),
  )
  .post("/contributions/:contribution_id/unhide", contribution, async (c) =>
    c.json(await (await moderation$()).unhideContribution(c.req.valid("param").contribution_id)),
  )
  .post("/evidence/:evidence_id/hide", evidence, reason, async (c) =>
    c.json(await (await moderation$()).hideEvidence(c.req.valid("param").evidence_id, c.req.valid("json"))),
  )
  .post("/evidence/:evidence_id/unhide", evidence, async (c) =>
    c.json(await (await moderation$()).unhideEvidence(c.req.valid("param").evidence_id)),
  )
  .post("/comments/:comment_id/hide", comment, reason, async (c) =>
    c.json(await (await moderation$()).hideComment(c.req.valid("param").comment_id, c.req.valid("json"))),
  )
  .post("/comments/:comment_id/unhide", comment, async (c) =>
    c.json(await (await moderation$()).unhideComment(c.req.valid("param").comment_id)),
  );
