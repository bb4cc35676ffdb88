import * as VerificationQueue from "@gotong/core/domain/verification-queue/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Documentation of the verification queue routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/verification-queue": {
    id: "listVerificationQueue",
    summary: "Contributions that wait for your vote, oldest first",
    description: `Pending ones without your own, those on which you have voted, and those to whose evidence you are a party. ${page}`,
    answers: { 200: VerificationQueue.InfoPage },
    role: "verifier",
  },
};
