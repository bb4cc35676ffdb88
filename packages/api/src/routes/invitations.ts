import { Hono } from "hono";
import { Invitation } from "@gotong/core/domain/invitation/index.ts";
import { body, params, query } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";

export const invitations = new Hono()
  .use(requireMember)
  .get("/", query(Invitation.ListQuery), async (c) => c.json(await Invitation.list(c.req.valid("query"))))
  .post("/", body(Invitation.Creation), async (c) => c.json(await Invitation.create(c.req.valid("json")), 201))
  .delete("/:invitation_id", params(Invitation.InvitationId), async (c) => {
    await Invitation.revoke(c.req.valid("param").invitation_id);
    return c.body(null, 204);
  });
