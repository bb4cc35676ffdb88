import { photograph } from "../../harness/scenes.ts";
import { contribution, uploadOfOwner } from "./objects.ts";
import { type Row, members, only } from "./row.ts";

/** Expected statuses of the routes for uploads. */
export const UPLOAD_ROWS: Readonly<Record<string, Row>> = {
  "POST /v1/contributions/:contribution_id/uploads": {
    statuses: members(201),
    ask: async (cast) => ({ path: `${await contribution(cast)}/uploads`, body: photograph().declared }),
  },
  "GET /v1/uploads/:upload_id": {
    statuses: only(["owner"], 200, 404),
    ask: async (cast) => ({ path: await uploadOfOwner(cast) }),
  },
  "POST /v1/uploads/:upload_id/parts": {
    statuses: only(["owner"], 201, 404),
    ask: async (cast) => ({
      path: `${await uploadOfOwner(cast)}/parts`,
      body: { parts: [{ part_number: 1, sha256: photograph().declared.sha256 }] },
    }),
  },
};
