import * as Comment from "@gotong/core/domain/comment/schema.ts";
import * as Contribution from "@gotong/core/domain/contribution/schema.ts";
import * as ContributionDetail from "@gotong/core/domain/contribution-detail/schema.ts";
import * as Evidence from "@gotong/core/domain/evidence/schema.ts";
import * as Proof from "@gotong/core/domain/proof/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import * as Verification from "@gotong/core/domain/verification/schema.ts";
import { type Operation, REPORT, page } from "../openapi/operation.ts";

/** Documentation of the contribution routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "POST /v1/contributions": {
    id: "createContribution",
    summary: "Record a contribution without a task",
    answers: { 201: Contribution.Info },
  },
  "GET /v1/contributions": {
    id: "listContributions",
    summary: "Contributions, newest first",
    description: page,
    answers: { 200: Contribution.InfoPage },
  },
  "GET /v1/contributions/:contribution_id": {
    id: "getContribution",
    summary: "One contribution with its evidence and votes",
    description:
      "Contains the first 20 of each; the lists return the rest with `evidence_next_cursor` and `verifications_next_cursor`.",
    answers: { 200: ContributionDetail.Info },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/contributions/:contribution_id/proof": {
    id: "getProof",
    summary: "A signed file that proves a contribution to an outsider",
    description:
      "For its owner, members with a part in its evidence, verifiers and admins (403 for others). `gotong verify` and `verifyProof` of the client check it without a network. Texts and places are disclosed to those who may see them; a deletion of an account ends their disclosure, and the chain stays valid.",
    answers: { 200: Proof.Bundle },
    problems: ["NOT_FOUND", "FORBIDDEN"],
  },
  "POST /v1/contributions/:contribution_id/verifications": {
    id: "verifyContribution",
    summary: "Vote on a contribution",
    description:
      "One vote per verifier, not on your own contribution, nor if you submitted evidence or an accepted piece names you as a witness (403). At the quorum the majority decides. A vote with an `evidence_version` is accepted only if it is still current.",
    answers: { 201: Verification.Result },
    problems: ["NOT_FOUND", "ALREADY_VERIFIED", "VERIFICATION_CLOSED", "CONTENT_HIDDEN", "EVIDENCE_CHANGED"],
    role: "verifier",
  },
  "GET /v1/contributions/:contribution_id/evidence": {
    id: "listEvidence",
    summary: "The evidence of a contribution, oldest first",
    description: page,
    answers: { 200: Evidence.InfoPage },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/contributions/:contribution_id/verifications": {
    id: "listVerifications",
    summary: "The votes on a contribution, oldest first",
    description: page,
    answers: { 200: Contribution.VotePage },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/contributions/:contribution_id/uploads": {
    id: "createUpload",
    summary: "Request an upload URL for one file",
    description:
      "Send the file to `url` with `method` and `headers` within 5 minutes, then submit it as evidence: after 7 days without a submission it is deleted. At most 10 uploads an hour, and 2,000 MiB that are not submitted.",
    answers: { 201: Evidence.Upload },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN", "VERIFICATION_CLOSED", "EVIDENCE_LIMIT_REACHED"],
  },
  "POST /v1/contributions/:contribution_id/evidence": {
    id: "submitEvidence",
    summary: "Submit a piece of evidence",
    description:
      "201 if it is accepted, or awaits the owner's consent because another member submitted it; 202 while its file is examined: poll it until its status changes. Not possible after the decision.",
    answers: { 201: Evidence.Info, 202: Evidence.Info },
    problems: [
      "NOT_FOUND",
      "FORBIDDEN",
      "RULE_VIOLATED",
      "UPLOAD_MISSING",
      "UPLOAD_MISMATCH",
      "UPLOAD_ALREADY_USED",
      "DUPLICATE_FILE",
      "CONTENT_HIDDEN",
      "VERIFICATION_CLOSED",
      "EVIDENCE_LIMIT_REACHED",
    ],
  },
  "GET /v1/contributions/:contribution_id/comments": {
    id: "listContributionComments",
    summary: "Comments on a contribution, oldest first",
    description: page,
    answers: { 200: Comment.InfoPage },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/contributions/:contribution_id/comments": {
    id: "commentOnContribution",
    summary: "Comment on a contribution",
    description: "Not allowed for members whom its owner has blocked (403). At most 200 comments of one member a day.",
    answers: { 201: Comment.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN"],
  },
  "POST /v1/contributions/:contribution_id/reports": {
    id: "reportContribution",
    summary: "Report a contribution to the admins",
    description: REPORT,
    answers: { 201: Report.Info },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
};
