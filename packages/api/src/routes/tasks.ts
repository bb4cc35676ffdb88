import { Hono } from "hono";
import { Contribution } from "@gotong/core/domain/contribution/index.ts";
import { Task } from "@gotong/core/domain/task/index.ts";
import { body, params, query } from "../middleware/input.ts";
import { jsonText } from "../json-text.ts";
import { requireMember } from "../middleware/authentication.ts";
import { commentBody, commentQuery, loadComments } from "./comments.ts";
import { loadReport, reportBody } from "./reports.ts";

const byId = params(Task.TaskId);

export const tasks = new Hono()
  .use(requireMember)
  .get("/", query(Task.ListQuery), async (c) => jsonText(c, await Task.list(c.req.valid("query"))))
  .post("/", body(Task.Creation), async (c) => c.json(await Task.create(c.req.valid("json")), 201))
  .get("/:task_id", byId, async (c) => c.json(await Task.get(c.req.valid("param").task_id)))
  .patch("/:task_id", byId, body(Task.Change), async (c) =>
    c.json(await Task.change(c.req.valid("param").task_id, c.req.valid("json"))),
  )
  .post("/:task_id/claim", byId, async (c) => c.json(await Task.claim(c.req.valid("param").task_id)))
  .post("/:task_id/assign", byId, body(Task.Assignment), async (c) =>
    c.json(await Task.assign(c.req.valid("param").task_id, c.req.valid("json"))),
  )
  .post("/:task_id/unassign", byId, body(Task.Unassignment), async (c) =>
    c.json(await Task.unassign(c.req.valid("param").task_id, c.req.valid("json"))),
  )
  .post("/:task_id/cannot-come", byId, body(Task.Absence), async (c) =>
    c.json(await Task.cannotCome(c.req.valid("param").task_id, c.req.valid("json"))),
  )
  .get("/:task_id/attendance", byId, query(Task.AttendanceQuery), async (c) =>
    c.json(await Task.attendance(c.req.valid("param").task_id, c.req.valid("query"))),
  )
  .post("/:task_id/attendance", byId, body(Task.Mark), async (c) =>
    c.json(await Task.markAttendance(c.req.valid("param").task_id, c.req.valid("json"))),
  )
  .post("/:task_id/close", byId, async (c) => c.json(await Task.close(c.req.valid("param").task_id)))
  .post("/:task_id/start", byId, async (c) => c.json(await Task.start(c.req.valid("param").task_id)))
  .post("/:task_id/cancel", byId, body(Task.Cancellation), async (c) =>
    c.json(await Task.cancel(c.req.valid("param").task_id, c.req.valid("json"))),
  )
  .post("/:task_id/complete", byId, body(Contribution.Completion), async (c) =>
    c.json(await Task.complete(c.req.valid("param").task_id, c.req.valid("json")), 201),
  )
  .get("/:task_id/comments", byId, commentQuery, async (c) => {
    const Comment = await loadComments();
    return c.json(await Comment.list({ taskId: c.req.valid("param").task_id }, c.req.valid("query")));
  })
  .post("/:task_id/comments", byId, commentBody, async (c) => {
    const Comment = await loadComments();
    return c.json(await Comment.create({ taskId: c.req.valid("param").task_id }, c.req.valid("json")), 201);
  })
  .post("/:task_id/reports", byId, reportBody, async (c) => {
    const Report = await loadReport();
    return c.json(await Report.create("task", c.req.valid("param").task_id, c.req.valid("json")), 201);
  });
