import { Hono } from "hono";
import { VerificationQueue } from "@gotong/core/domain/verification-queue/index.ts";
import { query } from "../middleware/input.ts";
import { requireRole } from "../middleware/require-role.ts";
import { requireMember } from "../middleware/authentication.ts";

export const verificationQueue = new Hono()
  .use(requireMember)
  .get("/", requireRole("verifier"), query(VerificationQueue.ListQuery), async (c) =>
    c.json(await VerificationQueue.list(c.req.valid("query"))),
  );
