import { Hono } from "hono";
import * as v from "valibot";
import { EvidenceInput } from "@gotong/core/domain/evidence/index.ts";
import { Input } from "@gotong/core/platform/input.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { body, params } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";

const parts = lazy(() => import("@gotong/core/domain/evidence/upload-parts.ts"));

const byId = params(v.strictObject({ upload_id: Input.uuid }));

export const uploads = new Hono()
  .use(requireMember)
  .get("/:upload_id", byId, async (c) => {
    const { progress } = await parts();
    return c.json(await progress(c.req.valid("param").upload_id));
  })
  .post("/:upload_id/parts", byId, body(EvidenceInput.PartsRequest), async (c) => {
    const { presignParts } = await parts();
    return c.json(await presignParts(c.req.valid("param").upload_id, c.req.valid("json")), 201);
  });
