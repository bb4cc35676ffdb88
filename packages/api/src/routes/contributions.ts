import { Hono } from "hono";
import { Contribution } from "@gotong/core/domain/contribution/index.ts";
import { ContributionDetail } from "@gotong/core/domain/contribution-detail/index.ts";
import { Evidence, EvidenceInput } from "@gotong/core/domain/evidence/index.ts";
import { Verification } from "@gotong/core/domain/verification/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { body, params, query } from "../middleware/input.ts";
import { requireMember } from "../middleware/authentication.ts";
import { commentBody, commentQuery, loadComments } from "./comments.ts";
import { loadReport, reportBody } from "./reports.ts";

const upload = lazy(() => import("@gotong/core/domain/evidence/upload.ts"));
const proofs = lazy(() => import("@gotong/core/domain/proof/proof.ts"));
const submission = lazy(() => import("@gotong/core/domain/evidence/submit.ts"));

const byId = params(Contribution.ContributionId);

export const contributions = new Hono()
  .use(requireMember)
  .get("/", query(Contribution.ListQuery), async (c) => c.json(await Contribution.list(c.req.valid("query"))))
  .post("/", body(Contribution.Creation), async (c) => c.json(await Contribution.create(c.req.valid("json")), 201))
  .get("/:contribution_id", byId, async (c) =>
    c.json(await ContributionDetail.get(c.req.valid("param").contribution_id)),
  )
  .get("/:contribution_id/proof", byId, async (c) => {
    const Proof = await proofs();
    return c.json(await Proof.get(c.req.valid("param").contribution_id));
  })
  .post("/:contribution_id/uploads", byId, body(EvidenceInput.UploadRequest), async (c) => {
    const { requestUpload } = await upload();
    return c.json(await requestUpload(c.req.valid("param").contribution_id, c.req.valid("json")), 201);
  })
  .post("/:contribution_id/evidence", byId, body(EvidenceInput.Submission), async (c) => {
    const { submit } = await submission();
    const info = await submit(c.req.valid("param").contribution_id, c.req.valid("json"));
    return c.json(info, info.status === "examining" ? 202 : 201);
  })
  .get("/:contribution_id/evidence", byId, query(Evidence.ListQuery), async (c) =>
    c.json(await Evidence.list(c.req.valid("param").contribution_id, c.req.valid("query"))),
  )
  .get("/:contribution_id/verifications", byId, query(Contribution.VotesQuery), async (c) =>
    c.json(await Contribution.votes(c.req.valid("param").contribution_id, c.req.valid("query"))),
  )
  .post("/:contribution_id/verifications", byId, body(Verification.VoteInput), async (c) =>
    c.json(await Verification.vote(c.req.valid("param").contribution_id, c.req.valid("json")), 201),
  )
  .get("/:contribution_id/comments", byId, commentQuery, async (c) => {
    const Comment = await loadComments();
    return c.json(await Comment.list({ contributionId: c.req.valid("param").contribution_id }, c.req.valid("query")));
  })
  .post("/:contribution_id/comments", byId, commentBody, async (c) => {
    const Comment = await loadComments();
    return c.json(
      await Comment.create({ contributionId: c.req.valid("param").contribution_id }, c.req.valid("json")),
      201,
    );
  })
  .post("/:contribution_id/reports", byId, reportBody, async (c) => {
    const Report = await loadReport();
    return c.json(await Report.create("contribution", c.req.valid("param").contribution_id, c.req.valid("json")), 201);
  });
