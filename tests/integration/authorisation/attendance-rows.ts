import { task } from "./objects.ts";
import { type Row, only } from "./row.ts";

/** Expected statuses of the routes for attendance and for giving a place back. */
export const ATTENDANCE_ROWS: Readonly<Record<string, Row>> = {
  "POST /v1/tasks/:task_id/unassign": {
    statuses: only(["owner", "assignee", "admin"], 200),
    ask: async (cast) => ({ path: `${await task(cast, "claim")}/unassign` }),
  },
  "POST /v1/tasks/:task_id/cannot-come": {
    statuses: only(["assignee"], 200),
    ask: async (cast) => ({ path: `${await task(cast, "claim")}/cannot-come` }),
  },
  "GET /v1/tasks/:task_id/attendance": {
    statuses: only(["owner", "assignee", "admin"], 200),
    ask: async (cast) => ({ path: `${await task(cast, "claim")}/attendance` }),
  },
  "POST /v1/tasks/:task_id/attendance": {
    statuses: only(["owner", "admin"], 200),
    ask: async (cast) => ({
      path: `${await task(cast, "claim")}/attendance`,
      body: { user_id: cast.assignee.id, was_present: true },
    }),
  },
};
