import * as Evidence from "@gotong/core/domain/evidence/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import { type Operation, REPORT } from "../openapi/operation.ts";

/** Documentation of the evidence routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/evidence/:evidence_id": {
    id: "getEvidence",
    summary: "One piece of evidence",
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/evidence/:evidence_id/consent": {
    id: "answerEvidence",
    summary: "Accept or decline evidence that another member submitted for your contribution",
    description:
      "For the contribution's owner, until the decision. Accepted evidence counts; declined evidence is refused.",
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN", "VERIFICATION_CLOSED", "INVALID_EVIDENCE_STATE"],
  },
  "POST /v1/evidence/:evidence_id/attestation": {
    id: "answerAttestation",
    summary: "Confirm or decline an attestation that names you as a witness",
    description:
      "For a member whom an accepted piece names as a witness by id, until the decision. A confirmed witness counts as two names, one who declined not at all.",
    answers: { 200: Evidence.Attestation },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN", "VERIFICATION_CLOSED", "INVALID_EVIDENCE_STATE"],
  },
  "POST /v1/evidence/:evidence_id/withdraw": {
    id: "withdrawEvidence",
    summary: "Withdraw a piece of evidence",
    description:
      "For its submitter and the contribution's owner until the decision, for an admin at any time with a `reason`. It no longer counts, but verifiers still see it; a decided score does not change.",
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "VERIFICATION_CLOSED", "INVALID_EVIDENCE_STATE"],
  },
  "GET /v1/evidence/:evidence_id/download": {
    id: "downloadEvidence",
    summary: "Get a download URL of the original, valid for 15 minutes",
    description: "For the owner, the submitter, verifiers and admins. Recorded in the audit log.",
    answers: { 200: Evidence.Download },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/evidence/:evidence_id/thumbnail": {
    id: "getThumbnail",
    summary: "Get a URL of the thumbnail, valid for at least 30 minutes",
    description:
      "The thumbnail has no metadata. Every member sees that of an accepted piece; of others the submitter, the contribution's owner, verifiers and admins. The URL stays the same for up to 30 minutes, and the response may be cached until it changes.",
    answers: { 200: Evidence.Thumbnail },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/evidence/:evidence_id/reports": {
    id: "reportEvidence",
    summary: "Report a piece of evidence to the admins",
    description: REPORT,
    answers: { 201: Report.Info },
    problems: ["NOT_FOUND", "RULE_VIOLATED", "ALREADY_REPORTED"],
  },
};
