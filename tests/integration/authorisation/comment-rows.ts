import type { Cast } from "./cast.ts";
import { contribution, id, task } from "./objects.ts";
import { type Row, members, only } from "./row.ts";

async function comment(cast: Cast): Promise<string> {
  return `/v1/comments/${id(await cast.owner.post(`${await task(cast)}/comments`, { text: "Bring gloves." }))}`;
}

const asAdmin = async (cast: Cast, step: string) => `${(await comment(cast)).replace("/v1/", "/v1/admin/")}/${step}`;

/** Expected statuses of the routes of comments. */
export const COMMENT_ROWS: Readonly<Record<string, Row>> = {
  "GET /v1/tasks/:task_id/comments": {
    statuses: members(200),
    ask: async (cast) => ({ path: `${await task(cast)}/comments` }),
  },
  "POST /v1/tasks/:task_id/comments": {
    statuses: members(201),
    ask: async (cast) => ({ path: `${await task(cast)}/comments`, body: { text: "Bring gloves." } }),
  },
  "GET /v1/contributions/:contribution_id/comments": {
    statuses: members(200),
    ask: async (cast) => ({ path: `${await contribution(cast)}/comments` }),
  },
  "POST /v1/contributions/:contribution_id/comments": {
    statuses: members(201),
    ask: async (cast) => ({ path: `${await contribution(cast)}/comments`, body: { text: "Thank you!" } }),
  },
  "GET /v1/comments/:comment_id": { statuses: members(200), ask: async (cast) => ({ path: await comment(cast) }) },
  "PATCH /v1/comments/:comment_id": {
    statuses: only(["owner"], 200),
    ask: async (cast) => ({ path: await comment(cast), body: { text: "Bring sacks." } }),
  },
  "POST /v1/comments/:comment_id/reports": {
    statuses: { ...members(201), owner: 422 },
    ask: async (cast) => ({ path: `${await comment(cast)}/reports`, body: { reason: "spam" } }),
  },
  "POST /v1/admin/comments/:comment_id/hide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: await asAdmin(cast, "hide"), body: { reason: "It insults a member." } }),
  },
  "POST /v1/admin/comments/:comment_id/unhide": {
    statuses: only(["admin"], 200),
    ask: async (cast) => ({ path: await asAdmin(cast, "unhide") }),
  },
};
