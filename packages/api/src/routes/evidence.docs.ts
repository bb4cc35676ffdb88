import * as Evidence from "@gotong/core/domain/evidence/schema.ts";
import * as Report from "@gotong/core/domain/report/schema.ts";
import { type Operation, REPORT } from "../openapi/operation.ts";

/** What the document says of these routes: see {@link Operation}. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/evidence/:evidence_id": {
    id: "getEvidence",
    summary: "A piece of evidence",
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/evidence/:evidence_id/consent": {
    id: "answerEvidence",
    summary: "Accept or decline evidence that another member added to your contribution",
    description:
      "Only the contribution's owner may, until it is decided. What is accepted counts; what is declined is refused.",
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN", "VERIFICATION_CLOSED", "INVALID_EVIDENCE_STATE"],
  },
  "POST /v1/evidence/:evidence_id/withdraw": {
    id: "withdrawEvidence",
    summary: "Take a piece of evidence back",
    description:
      "Its submitter and the contribution's owner may until the contribution is decided, an admin at any time and with a `reason`. It does not count any more, and verifiers still see it; a score that was decided stays.",
    answers: { 200: Evidence.Info },
    problems: ["NOT_FOUND", "FORBIDDEN", "VERIFICATION_CLOSED", "INVALID_EVIDENCE_STATE"],
  },
  "GET /v1/evidence/:evidence_id/download": {
    id: "downloadEvidence",
    summary: "A URL that downloads the original, for 15 minutes",
    description: "For the owner, the submitter, verifiers and admins. Each grant is written to the audit log.",
    answers: { 200: Evidence.Download },
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
