import * as Health from "@gotong/core/platform/health-schema.ts";
import * as Proof from "@gotong/core/domain/proof/schema.ts";
import type { Operation } from "../openapi/operation.ts";

/**
 * Documentation of the routes for health checks, metrics and documents, for the OpenAPI document. {@link Operation}
 * explains the fields.
 */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /live": { id: "getLive", summary: "Liveness of the process", answers: { 200: Health.Live }, isOpen: true },
  "GET /ready": {
    id: "getReady",
    summary: "Readiness for requests",
    description:
      "An unavailable Redis is reported in `checks` and does not affect readiness: everything works without it.",
    answers: { 200: Health.Ready, 503: Health.Ready },
    isOpen: true,
  },
  "GET /health": {
    id: "getHealth",
    summary: "Health of each dependency",
    description: "`deep=true` also checks an auto-paused database, which resumes it.",
    answers: { 200: Health.Health, 503: Health.Health },
    isOpen: true,
  },
  "GET /.well-known/gotong-proof-keys.json": {
    id: "getProofKeys",
    summary: "The public keys that check proofs of contributions, including former keys",
    description: "JSON Web Keys (RFC 8037). Keep a copy: a proof is only as good as the key that it is checked with.",
    answers: { 200: Proof.Keys },
    isOpen: true,
  },
  "GET /metrics": {
    id: "getMetrics",
    summary: "Metrics as Prometheus text",
    description: "Not on AWS Lambda, whose metrics go to CloudWatch.",
    answers: { 200: "text/plain" },
    problems: ["NOT_FOUND"],
    isOpen: true,
  },
  "GET /openapi.json": {
    id: "getOpenApi",
    summary: "The OpenAPI document",
    answers: { 200: "application/json" },
    isOpen: true,
  },
  "GET /docs": {
    id: "getDocs",
    summary: "The OpenAPI document as an HTML page",
    answers: { 200: "text/html" },
    isOpen: true,
  },
  "GET /docs/problems": {
    id: "getProblems",
    summary: "The catalogue of problems",
    answers: { 200: "text/html" },
    isOpen: true,
  },
};
