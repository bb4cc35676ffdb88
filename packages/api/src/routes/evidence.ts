import { Hono } from "hono";
import * as v from "valibot";
import { Evidence, EvidenceInput } from "@gotong/core/domain/evidence/index.ts";
import { Input } from "@gotong/core/platform/input.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { authorizationHeader } from "../middleware/authorization.ts";
import { body, params } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";
import { loadReport, reportBody } from "./reports.ts";

const consents = lazy(() => import("@gotong/core/domain/evidence/consent.ts"));
const attestation = lazy(() => import("@gotong/core/domain/evidence/attestation.ts"));
const withdrawal = lazy(() => import("@gotong/core/domain/evidence/withdraw.ts"));

const byId = params(v.strictObject({ evidence_id: Input.uuid }));

export const evidence = new Hono()
  .use(requireMember)
  .get("/:evidence_id", byId, async (c) => c.json(await Evidence.get(c.req.valid("param").evidence_id)))
  .get("/:evidence_id/download", byId, async (c) => c.json(await Evidence.download(c.req.valid("param").evidence_id)))
  .get("/:evidence_id/thumbnail", byId, async (c) => {
    const { answer, cacheSeconds } = await Evidence.thumbnail(c.req.valid("param").evidence_id);
    c.header("cache-control", `private, max-age=${cacheSeconds}`);
    c.header("vary", authorizationHeader());
    return c.json(answer);
  })
  .post("/:evidence_id/reports", byId, reportBody, async (c) => {
    const Report = await loadReport();
    return c.json(await Report.create("evidence", c.req.valid("param").evidence_id, c.req.valid("json")), 201);
  })
  .post("/:evidence_id/consent", byId, body(EvidenceInput.Consent), async (c) => {
    const { consent } = await consents();
    return c.json(await consent(c.req.valid("param").evidence_id, c.req.valid("json")));
  })
  .post("/:evidence_id/attestation", byId, body(EvidenceInput.Attestation), async (c) => {
    const Attestations = await attestation();
    return c.json(await Attestations.answer(c.req.valid("param").evidence_id, c.req.valid("json")));
  })
  .post("/:evidence_id/withdraw", byId, body(EvidenceInput.Withdrawal), async (c) => {
    const { withdraw } = await withdrawal();
    return c.json(await withdraw(c.req.valid("param").evidence_id, c.req.valid("json")));
  });
