import {
  EMBEDDED_EVIDENCE_MAX_BYTES,
  EMBEDDED_MAX_ITEMS,
  EMBEDDED_VOTES_MAX_BYTES,
} from "@gotong/core/platform/bounds.ts";
import { CATALOGUE, ERRORS_MAX, FIELD_CODES, NEXT_STEPS } from "@gotong/core/platform/error.ts";
import { ACCOUNT_SCHEMAS } from "./account-components.ts";
import { EXPORT_SCHEMAS, sha256 } from "./export-components.ts";
import { INVITATION_SCHEMAS } from "./invitation-components.ts";
import {
  type Schema,
  cut,
  free,
  list,
  moment,
  nullable,
  number,
  object,
  oneOf,
  page,
  ref,
  text,
  uuid,
  whole,
} from "./schema.ts";

const roles = list(oneOf("contributor", "verifier", "admin"), 3);
const skillIds = list(uuid, 10);
const point = object({ lat: number(-90, 90), lon: number(-180, 180) }, "WGS 84 degrees.");
const eventType = oneOf("contribution_created", "vouch_submitted", "por_evidence");
const check = oneOf("ok", "error", "disabled");
const checks = object({ database: check, redis: check, s3: check, queue: check });
const hidden: Schema = {
  ...nullable(object({ reason: text(500, "It shows a child's face."), at: moment })),
  description: "That an admin hid it, why and when: only its owner and admins see what is hidden. Null for all else.",
};

const user = {
  id: uuid,
  username: text(50, "sari"),
  markov_user_id: text(100, "gotong_royong:0198c0de-0000-7000-8000-000000000001"),
  roles,
  bio: nullable(text(1_000, "I repair bicycles.")),
  skill_ids: skillIds,
  created_at: moment,
};
const tokens = {
  access_token: {
    ...text(2_000, "eyJhbGciOiJIUzI1NiJ9.e30.x"),
    description: "A JWT; send it as `Authorization: Bearer`.",
  },
  refresh_token: { ...text(200, "pzVyq0"), description: "Good for 7 days and for one use." },
  token_type: { type: "string", const: "Bearer" },
  expires_in: { ...whole(1, 86_400), description: "Seconds that the access token is good for." },
} as const;
const contribution = {
  id: uuid,
  user_id: uuid,
  task_id: nullable(uuid),
  contribution_type: oneOf(
    "task_completion",
    "code_review",
    "documentation",
    "mentoring",
    "event_organization",
    "community_service",
    "custom",
  ),
  title: text(200, "Cleared the drain"),
  description: nullable(text(2_000, "Before the rain came.")),
  skill_ids: skillIds,
  metadata: free("At most 50 keys and 16 KiB."),
  verification_status: oneOf("pending", "verified", "rejected"),
  created_at: moment,
  updated_at: moment,
  hidden,
};

const report = {
  id: uuid,
  target_type: oneOf("task", "contribution", "evidence", "user"),
  target_id: uuid,
  reason: oneOf("spam", "abuse", "fraud", "privacy", "dangerous", "other"),
  details: nullable(text(2_000, "The picture is of another place.")),
  status: oneOf("open", "resolved"),
  created_at: moment,
};

/** The schemas of all answers, by name. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  User: object(user, "A member as others see them."),
  OwnUser: object(
    {
      ...user,
      email: { ...text(254, "sari@example.org"), format: "email" },
      email_verified: { type: "boolean", description: "They have proved that the address is theirs." },
    },
    "A member as they see themselves.",
  ),
  ...ACCOUNT_SCHEMAS,
  Tokens: object(tokens),
  SignedIn: object({ ...tokens, user: ref("OwnUser") }),
  Reputation: object({
    user_id: uuid,
    reputation: {
      ...nullable(
        object({
          reputation_score: { type: "number" },
          tier: text(100, "silver"),
          contributions_count: { type: "number" },
          vouches_received: { type: "number" },
          skills: cut(object({ skill_id: text(100, "drainage"), competence: { type: "number" } }), 10_000, 400_000),
        }),
      ),
      description: "What Markov computed; null for a member whose reputation was never known.",
    },
    stale: { type: "boolean", description: "Markov could not be asked, and this is the last known value." },
    age_seconds: { ...nullable(whole(0)), description: "Since Markov said so." },
  }),
  Skill: object({ id: uuid, name: text(100, "Drainage"), category: text(100, "Building") }),
  Task: object({
    id: uuid,
    creator_id: uuid,
    assignee_id: nullable(uuid),
    title: text(200, "Clear the drain"),
    description: text(5_000, "Before the rain comes."),
    difficulty: oneOf("easy", "intermediate", "hard"),
    status: oneOf("open", "assigned", "in_progress", "completed", "cancelled"),
    location: nullable(text(500, "Bandung")),
    coordinates: nullable(point),
    estimated_hours: nullable(number(0, 1_000)),
    skill_ids: skillIds,
    metadata: free("At most 50 keys and 16 KiB."),
    created_at: moment,
    updated_at: moment,
    started_at: nullable(moment),
    completed_at: nullable(moment),
    cancelled_at: nullable(moment),
    hidden,
  }),
  Contribution: object(contribution),
  ContributionDetail: object({
    ...contribution,
    evidence: cut(ref("Evidence"), EMBEDDED_MAX_ITEMS, EMBEDDED_EVIDENCE_MAX_BYTES),
    evidence_total: whole(0),
    evidence_next_cursor: {
      ...nullable(text(2_000, "WyJldmlkZW5jZSIsIjAxOThjMGRlIl0")),
      description: "What to send as `cursor` to the list of evidence for the others; null when all are here.",
    },
    evidence_version: {
      type: "string",
      pattern: "^[0-9a-f]{64}$",
      maxLength: 64,
      description: "Changes with the evidence. Send it with a vote, which then counts only for what was seen.",
    },
    verifications: cut(ref("Verification"), EMBEDDED_MAX_ITEMS, EMBEDDED_VOTES_MAX_BYTES),
    verifications_total: whole(0),
    verifications_next_cursor: {
      ...nullable(text(2_000, "WyJ2ZXJpZmljYXRpb25zIiwiMDE5OGMwZGUiXQ")),
      description: "What to send as `cursor` to the list of verifications for the others; null when all are here.",
    },
    quality_score: { ...number(0, 1), description: "From all accepted evidence; fixed at the decision." },
    reputation_multiplier: { ...number(1, 1.5), description: "By how many types of evidence were accepted." },
  }),
  Verification: object({
    id: uuid,
    verifier_id: uuid,
    outcome: oneOf("approved", "rejected"),
    notes: nullable(text(2_000, "The pictures show it.")),
    created_at: moment,
  }),
  VerificationResult: object({
    verification: ref("Verification"),
    verification_status: oneOf("pending", "verified", "rejected"),
  }),
  Upload: object({
    upload_id: uuid,
    method: { type: "string", const: "PUT" },
    url: { type: "string", format: "uri", maxLength: 4_000, description: "Takes this one file, once, and no other." },
    headers: {
      type: "object",
      description: "To be sent as they are.",
      additionalProperties: { type: "string", maxLength: 1_000 },
      maxProperties: 20,
    },
    expires_at: moment,
  }),
  Download: object({ url: { type: "string", format: "uri", maxLength: 4_000 }, expires_at: moment }),
  Evidence: object({
    id: uuid,
    contribution_id: uuid,
    submitted_by: uuid,
    evidence_type: oneOf("photo_with_timestamp", "gps_verification", "witness_attestation"),
    status: {
      ...oneOf("examining", "awaiting_consent", "accepted", "refused", "withdrawn"),
      description:
        "Only what is accepted counts. What a member adds to another's contribution waits for its owner's consent.",
    },
    timestamp: moment,
    media_hash: nullable(sha256),
    refusal: nullable(
      object({ code: text(100, "UPLOAD_MISMATCH"), detail: text(1_000, "The bytes are another file's.") }),
    ),
    created_at: moment,
    decided_at: nullable(moment),
    withdrawal: nullable(
      object({ at: moment, by: uuid, reason: nullable(text(500, "It shows my neighbour's house.")) }),
    ),
    details: {
      ...nullable(ref("EvidenceDetails")),
      description:
        "For its submitter, verifiers, admins and, unless it is withdrawn, the contribution's owner; null for others.",
    },
    hidden,
  }),
  EvidenceDetails: object({
    location: nullable(point),
    accuracy_meters: nullable({ type: "number" }),
    altitude_meters: nullable({ type: "number" }),
    speed_mps: nullable({ type: "number" }),
    witnesses: list(
      object({
        witness_name: text(255, "Ibu Sari"),
        witness_id: nullable(uuid),
        relationship: nullable(oneOf("supervisor", "peer", "beneficiary", "other")),
        statement: nullable(text(2_000, "The water runs again.")),
      }),
      10,
    ),
    evidence_data: free("What the submitter added."),
    findings: {
      ...list(
        object({
          code: text(100, "exif_place"),
          detail: text(1_000, "The picture was taken 1.2 km from another reading or picture."),
          evidence_id: { ...nullable(uuid), description: "The other piece of evidence that raised it." },
          submitted_by: { ...nullable(uuid), description: "Who submitted that piece." },
        }),
        20,
      ),
      description: "What raises doubt without proving fraud.",
    },
  }),
  Vouch: object({
    id: uuid,
    voucher_id: uuid,
    vouchee_id: uuid,
    skill_id: { ...nullable(uuid), description: "Null for a general vouch." },
    weight_hint: nullable(oneOf("strong", "moderate", "light")),
    message: nullable(text(500, "She keeps her word.")),
    created_at: moment,
  }),
  ...INVITATION_SCHEMAS,
  Block: object({ user_id: uuid, username: text(50, "budi"), created_at: moment }, "A member who is blocked."),
  Report: object(report, "A report as its reporter sees it."),
  AdminReport: object(
    {
      ...report,
      reporter_id: uuid,
      target_owner_id: { ...uuid, description: "The member that it is about." },
      outcome: nullable(oneOf("dismissed", "warned", "hidden", "account_deleted")),
      note: nullable(text(2_000, "Spoke to both of them.")),
      resolved_by: {
        ...nullable(uuid),
        description: "Null while it is open, and where it ended with the account that it was about.",
      },
      resolved_at: nullable(moment),
    },
    "A report as admins see it.",
  ),
  WebhookEvent: object({
    id: text(20, "evt_0123456789abcdef"),
    event_type: eventType,
    subject: text(200, "contribution:0198c0de-0000-7000-8000-000000000001"),
    sequence: whole(1),
    actor_id: uuid,
    request_id: text(128, "0198c0de-0000-7000-8000-000000000001"),
    status: oneOf("pending", "delivered", "dead"),
    attempts: whole(0),
    redrives: whole(0),
    created_at: moment,
    published_at: nullable(moment),
    delivered_at: nullable(moment),
  }),
  WebhookFailure: object({
    id: uuid,
    event_id: nullable(text(20, "evt_0123456789abcdef")),
    event_type: nullable(eventType),
    subject: nullable(text(200, "contribution:0198c0de-0000-7000-8000-000000000001")),
    queue: {
      ...nullable(text(40, "deliveries")),
      description: "For a message that no worker could process: the queue that it was on.",
    },
    reason: text(1_000, "status 422"),
    status: { ...nullable(whole(100, 599)), description: "What Markov answered; null when it did not." },
    response_head: nullable(text(10_000, "no such subject")),
    failed_at: moment,
    redriven_at: nullable(moment),
    redriven_by: nullable(uuid),
  }),
  RedriveResult: object({
    redriven: whole(0),
    more: { type: "boolean", description: "Another call would find more." },
  }),
  AuditEntry: object({
    id: uuid,
    actor_id: { ...nullable(uuid), description: "Null when the platform itself acted." },
    action: text(100, "evidence.download"),
    target_type: text(100, "evidence"),
    target_id: text(100, "0198c0de-0000-7000-8000-000000000001"),
    details: free("What else there is to know."),
    request_id: text(128, "0198c0de-0000-7000-8000-000000000001"),
    created_at: moment,
  }),
  ...EXPORT_SCHEMAS,
  Live: object({ status: { type: "string", const: "live" } }),
  Ready: object({ status: oneOf("ready", "not_ready", "draining"), "checks?": checks }),
  Health: object({
    status: oneOf("healthy", "unhealthy"),
    checks,
    version: text(100, "1.0.0"),
    stage: text(50, "production"),
    timestamp: moment,
  }),
  TaskPage: page("Task"),
  EvidencePage: page("Evidence"),
  VerificationPage: page("Verification"),
  SkillPage: page("Skill"),
  ContributionPage: page("Contribution"),
  VouchPage: page("Vouch"),
  BlockPage: page("Block"),
  AdminReportPage: page("AdminReport"),
  WebhookEventPage: page("WebhookEvent"),
  WebhookFailurePage: page("WebhookFailure"),
  AuditEntryPage: page("AuditEntry"),
  FieldError: object(
    {
      field: text(200, "proof.location.lat"),
      code: {
        type: "string",
        enum: FIELD_CODES,
        description: "The rule that the field breaks. See /docs/problems.",
        examples: ["too_large"],
      },
      message: text(200, "must be at most 90"),
    },
    "What is wrong with one field.",
  ),
  Problem: object(
    {
      type: { ...text(200, "/docs/problems#NOT_FOUND"), format: "uri-reference" },
      title: text(200, "There is no such thing for this caller"),
      status: whole(400, 599),
      detail: text(1_000, "There is no such thing for this caller"),
      code: {
        type: "string",
        enum: Object.keys(CATALOGUE),
        description: "What a program decides by. See /docs/problems.",
      },
      request_id: text(128, "0198c0de-0000-7000-8000-000000000001"),
      "next_step?": {
        type: "string",
        enum: [...new Set(Object.values(NEXT_STEPS))],
        description: "What the caller can do about a refusal that does not end by itself.",
      },
      "errors?": list(ref("FieldError"), ERRORS_MAX),
      "errors_truncated?": { type: "boolean", description: "There are more errors than these." },
    },
    "A problem (RFC 9457).",
  ),
};
