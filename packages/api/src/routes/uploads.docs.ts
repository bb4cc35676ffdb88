import * as Evidence from "@gotong/core/domain/evidence/schema.ts";
import type { Operation } from "../openapi/operation.ts";

/** Documentation of the upload routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/uploads/:upload_id": {
    id: "getUpload",
    summary: "The parts of a file that the storage has received",
    description:
      "For the member who requested the upload, within a day and until evidence uses it. An upload that broke off goes on with the missing parts.",
    answers: { 200: Evidence.UploadProgress },
    problems: ["NOT_FOUND"],
  },
  "POST /v1/uploads/:upload_id/parts": {
    id: "createUploadParts",
    summary: "Request upload URLs for parts of a file",
    description:
      "Each part has `part_size_bytes` of the file, the last one the rest. Send it to its `url` with `method` and `headers` within 5 minutes; ask again for another URL, which counts for no quota of uploads. Once all parts are there, submit the upload as evidence.",
    answers: { 201: Evidence.UploadParts },
    problems: ["NOT_FOUND", "FORBIDDEN", "CONTENT_HIDDEN", "VERIFICATION_CLOSED"],
  },
};
