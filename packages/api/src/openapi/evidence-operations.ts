import type { Operation } from "./operation.ts";

const page = "Keyset pagination: send `next_cursor` as `cursor` for the next page.";

/** What the document says of the routes of evidence, as in operations.ts. */
export const EVIDENCE_OPERATIONS: Readonly<Record<string, Operation>> = {
  "GET /v1/contributions/:contribution_id/evidence": {
    id: "listEvidence",
    summary: "The evidence of a contribution, the oldest first",
    description: page,
    answers: { 200: "EvidencePage" },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/contributions/:contribution_id/verifications": {
    id: "listVerifications",
    summary: "The votes on a contribution, the oldest first",
    description: page,
    answers: { 200: "VerificationPage" },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/contributions/:contribution_id/uploads": {
    id: "createUpload",
    summary: "Ask for a URL that takes one file",
    description:
      "Send the file to `url` with `method` and `headers` within 5 minutes, then submit it as evidence. At most 10 an hour.",
    answers: { 201: "Upload" },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN", "VERIFICATION_CLOSED", "EVIDENCE_LIMIT_REACHED"],
  },
  "POST /v1/contributions/:contribution_id/evidence": {
    id: "submitEvidence",
    summary: "Add a piece of evidence",
    description:
      "201 when it is accepted, or waits for the owner's consent because another member added it; 202 while its file is examined: ask for it again until its status changes. Not after the decision.",
    answers: { 201: "Evidence", 202: "Evidence" },
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
  "GET /v1/evidence/:evidence_id": {
    id: "getEvidence",
    summary: "A piece of evidence",
    answers: { 200: "Evidence" },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/evidence/:evidence_id/consent": {
    id: "answerEvidence",
    summary: "Accept or decline evidence that another member added to your contribution",
    description:
      "Only the contribution's owner may, until it is decided. What is accepted counts; what is declined is refused.",
    answers: { 200: "Evidence" },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN", "VERIFICATION_CLOSED", "INVALID_EVIDENCE_STATE"],
  },
  "POST /v1/evidence/:evidence_id/withdraw": {
    id: "withdrawEvidence",
    summary: "Take a piece of evidence back",
    description:
      "Its submitter and the contribution's owner may until the contribution is decided, an admin at any time and with a `reason`. It does not count any more, and verifiers still see it; a score that was decided stays.",
    answers: { 200: "Evidence" },
    problems: ["NOT_FOUND", "FORBIDDEN", "VERIFICATION_CLOSED", "INVALID_EVIDENCE_STATE"],
  },
  "GET /v1/evidence/:evidence_id/download": {
    id: "downloadEvidence",
    summary: "A URL that downloads the original, for 15 minutes",
    description: "For the owner, the submitter, verifiers and admins. Each grant is written to the audit log.",
    answers: { 200: "Download" },
    problems: ["NOT_FOUND"],
  },
};
