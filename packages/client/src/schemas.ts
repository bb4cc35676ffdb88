// Generated from the API's OpenAPI document by `npm run openapi`. Do not edit.
/* oxlint-disable max-lines */

export type Person = {
  readonly id: string;
  readonly username: string;
  readonly display_name: string | null;
  readonly avatar_url: string | null;
  readonly is_deleted: boolean;
};

export type PersonPage = { readonly data: readonly Person[]; readonly next_cursor: string | null };

export type User = {
  readonly id: string;
  readonly username: string;
  readonly display_name: string | null;
  readonly avatar_url: string | null;
  readonly markov_user_id: string;
  readonly roles: readonly ("contributor" | "verifier" | "admin")[];
  readonly bio: string | null;
  readonly location: string | null;
  readonly skill_ids: readonly string[];
  readonly created_at: string;
};

export type OwnUser = {
  readonly id: string;
  readonly username: string;
  readonly display_name: string | null;
  readonly avatar_url: string | null;
  readonly markov_user_id: string;
  readonly roles: readonly ("contributor" | "verifier" | "admin")[];
  readonly bio: string | null;
  readonly location: string | null;
  readonly skill_ids: readonly string[];
  readonly created_at: string;
  readonly email: string;
  readonly language: "id" | "en" | null;
  readonly email_verified: boolean;
};

export type Session = {
  readonly id: string;
  readonly created_at: string;
  readonly last_used_at: string;
  readonly expires_at: string;
  readonly device: string | null;
  readonly network: string | null;
  readonly is_current: boolean;
};

export type SessionPage = { readonly data: readonly Session[]; readonly next_cursor: string | null };

export type Tokens = {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
};

export type SignedIn = {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly token_type: "Bearer";
  readonly expires_in: number;
  readonly user: OwnUser;
};

export type Mfa = {
  readonly is_enabled: boolean;
  readonly recovery_codes_left: number;
  readonly required_for: readonly ("contributor" | "verifier" | "admin")[];
};

export type TotpSecret = { readonly secret: string; readonly uri: string };

export type RecoveryCodes = { readonly recovery_codes: readonly string[] };

export type Reputation = {
  readonly user_id: string;
  readonly reputation: {
    readonly reputation_score: number;
    readonly tier: string;
    readonly contributions_count: number;
    readonly vouches_received: number;
    readonly skills: readonly { readonly skill_id: string; readonly competence: number }[];
  } | null;
  readonly stale: boolean;
  readonly age_seconds: number | null;
};

export type Skill = { readonly id: string; readonly name: string; readonly category: string };

export type SkillPage = { readonly data: readonly Skill[]; readonly next_cursor: string | null };

export type Task = {
  readonly id: string;
  readonly creator_id: string;
  readonly creator: Person;
  readonly assignee_id: string | null;
  readonly assignee: Person | null;
  readonly people_needed: number;
  readonly places_left: number;
  readonly assignees: readonly {
    readonly user: Person;
    readonly status: "assigned" | "in_progress" | "completed";
    readonly claim_expires_at: string | null;
  }[];
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly claim_hours: number | null;
  readonly repeats: "weekly" | "monthly" | null;
  readonly repeat_of: string | null;
  readonly title: string;
  readonly description: string;
  readonly difficulty: "easy" | "intermediate" | "hard";
  readonly status: "open" | "assigned" | "in_progress" | "completed" | "cancelled";
  readonly location: string | null;
  readonly coordinates: { readonly lat: number; readonly lon: number } | null;
  readonly coordinates_precision_km: 1 | 5 | 20 | null;
  readonly distance_km?: number | undefined;
  readonly estimated_hours: number | null;
  readonly skill_ids: readonly string[];
  readonly metadata: { readonly [name: string]: unknown };
  readonly created_at: string;
  readonly updated_at: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly cancelled_at: string | null;
  readonly hidden: { readonly reason: string; readonly at: string } | null;
};

export type TaskPage = { readonly data: readonly Task[]; readonly next_cursor: string | null };

export type OpenTask = {
  readonly id: string;
  readonly title: string;
  readonly difficulty: "easy" | "intermediate" | "hard";
  readonly people_needed: number;
  readonly places_left: number;
  readonly starts_at: string | null;
  readonly ends_at: string | null;
  readonly coordinates: { readonly lat: number; readonly lon: number } | null;
  readonly coordinates_precision_km: 1 | 5 | 20 | null;
  readonly estimated_hours: number | null;
  readonly skills: readonly string[];
  readonly created_at: string;
};

export type OpenTaskPage = { readonly data: readonly OpenTask[]; readonly next_cursor: string | null };

export type Attendance = {
  readonly user: Person;
  readonly status: "assigned" | "in_progress" | "completed" | "unassigned" | "cancelled" | "expired" | "cannot_come";
  readonly was_present: boolean | null;
  readonly marked_by: Person | null;
  readonly marked_at: string | null;
  readonly absences: number | null;
};

export type AttendancePage = { readonly data: readonly Attendance[]; readonly next_cursor: string | null };

export type Contribution = {
  readonly id: string;
  readonly user_id: string;
  readonly user: Person;
  readonly task_id: string | null;
  readonly contribution_type:
    | "task_completion"
    | "code_review"
    | "documentation"
    | "mentoring"
    | "event_organization"
    | "community_service"
    | "custom";
  readonly title: string;
  readonly description: string | null;
  readonly skill_ids: readonly string[];
  readonly metadata: { readonly [name: string]: unknown };
  readonly verification_status: "pending" | "verified" | "rejected";
  readonly created_at: string;
  readonly updated_at: string;
  readonly hidden: { readonly reason: string; readonly at: string } | null;
};

export type ContributionPage = { readonly data: readonly Contribution[]; readonly next_cursor: string | null };

export type ContributionDetail = {
  readonly id: string;
  readonly user_id: string;
  readonly user: Person;
  readonly task_id: string | null;
  readonly contribution_type:
    | "task_completion"
    | "code_review"
    | "documentation"
    | "mentoring"
    | "event_organization"
    | "community_service"
    | "custom";
  readonly title: string;
  readonly description: string | null;
  readonly skill_ids: readonly string[];
  readonly metadata: { readonly [name: string]: unknown };
  readonly verification_status: "pending" | "verified" | "rejected";
  readonly created_at: string;
  readonly updated_at: string;
  readonly hidden: { readonly reason: string; readonly at: string } | null;
  readonly evidence: readonly Evidence[];
  readonly evidence_total: number;
  readonly evidence_next_cursor: string | null;
  readonly evidence_version: string;
  readonly verifications: readonly Verification[];
  readonly verifications_total: number;
  readonly verifications_next_cursor: string | null;
  readonly quality_score: number;
  readonly reputation_multiplier: number;
};

export type Verification = {
  readonly id: string;
  readonly verifier_id: string;
  readonly verifier: Person;
  readonly outcome: "approved" | "rejected";
  readonly notes: string | null;
  readonly created_at: string;
};

export type VerificationPage = { readonly data: readonly Verification[]; readonly next_cursor: string | null };

export type VerificationResult = {
  readonly verification: Verification;
  readonly verification_status: "pending" | "verified" | "rejected";
};

export type QueuedContribution = {
  readonly id: string;
  readonly user_id: string;
  readonly user: Person;
  readonly task_id: string | null;
  readonly contribution_type:
    | "task_completion"
    | "code_review"
    | "documentation"
    | "mentoring"
    | "event_organization"
    | "community_service"
    | "custom";
  readonly title: string;
  readonly description: string | null;
  readonly skill_ids: readonly string[];
  readonly metadata: { readonly [name: string]: unknown };
  readonly verification_status: "pending" | "verified" | "rejected";
  readonly created_at: string;
  readonly updated_at: string;
  readonly hidden: { readonly reason: string; readonly at: string } | null;
  readonly accepted_total: number;
  readonly evidence_types: readonly ("photo_with_timestamp" | "gps_verification" | "witness_attestation")[];
  readonly quality_score: number;
  readonly reputation_multiplier: number;
  readonly findings: readonly { readonly code: string; readonly count: number }[];
  readonly thumbnail: string | null;
  readonly verifications_total: number;
};

export type QueuedContributionPage = {
  readonly data: readonly QueuedContribution[];
  readonly next_cursor: string | null;
};

export type Proof = {
  readonly format: "gotong-proof/1";
  readonly contribution_id: string;
  readonly made_at: string;
  readonly links: readonly ProofLink[];
  readonly sealed_links: number;
  readonly key: { readonly id: string; readonly public_key: string };
  readonly signature: string;
  readonly inclusion: {
    readonly position: number;
    readonly path: readonly string[];
    readonly root: ProofRoot;
    readonly root_key: string;
  } | null;
  readonly disclosures: readonly {
    readonly link: number;
    readonly name: string;
    readonly salt: string;
    readonly value: { readonly [name: string]: unknown };
  }[];
  readonly disclosures_omitted: number;
};

export type ProofLink = {
  readonly kind: "contribution" | "evidence" | "witness" | "vote" | "event" | "change";
  readonly id: string;
  readonly body: { readonly [name: string]: unknown };
  readonly sealed: { readonly [name: string]: string };
  readonly previous: string;
  readonly hash: string;
};

export type ProofRoot = {
  readonly format: "gotong-root/1";
  readonly number: number;
  readonly made_at: string;
  readonly size: number;
  readonly root: string;
  readonly previous: string | null;
  readonly key_id: string;
  readonly signature: string;
};

export type ProofKeys = {
  readonly keys: readonly {
    readonly kty: "OKP";
    readonly crv: "Ed25519";
    readonly kid: string;
    readonly x: string;
    readonly use: "sig";
    readonly since: string;
    readonly is_current: boolean;
  }[];
};

export type AvatarUpload = {
  readonly upload_id: string;
  readonly method: "PUT";
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly expires_at: string;
};

export type OwnAvatar = {
  readonly avatar_url: string | null;
  readonly status: "none" | "examining" | "accepted" | "refused";
  readonly refusal: { readonly code: string; readonly detail: string } | null;
  readonly hidden: { readonly reason: string; readonly at: string } | null;
};

export type Upload = {
  readonly upload_id: string;
  readonly method: "PUT";
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly expires_at: string;
  readonly part_size_bytes: number;
};

export type UploadParts = {
  readonly upload_id: string;
  readonly parts: readonly {
    readonly part_number: number;
    readonly method: "PUT";
    readonly url: string;
    readonly headers: { readonly [name: string]: string };
  }[];
  readonly expires_at: string;
};

export type UploadProgress = {
  readonly upload_id: string;
  readonly contribution_id: string;
  readonly size_bytes: number;
  readonly sha256: string;
  readonly part_size_bytes: number;
  readonly parts: readonly { readonly part_number: number; readonly size_bytes: number }[];
  readonly is_stored: boolean;
  readonly resumable_until: string;
};

export type Download = { readonly url: string; readonly expires_at: string };

export type Thumbnail = { readonly url: string; readonly expires_at: string };

export type Evidence = {
  readonly id: string;
  readonly contribution_id: string;
  readonly submitted_by: string;
  readonly evidence_type: "photo_with_timestamp" | "gps_verification" | "witness_attestation";
  readonly status: "examining" | "awaiting_consent" | "accepted" | "refused" | "withdrawn";
  readonly timestamp: string;
  readonly media_hash: string | null;
  readonly thumbnail: string | null;
  readonly refusal: { readonly code: string; readonly detail: string } | null;
  readonly created_at: string;
  readonly decided_at: string | null;
  readonly withdrawal: { readonly at: string; readonly by: string; readonly reason: string | null } | null;
  readonly details: EvidenceDetails | null;
  readonly hidden: { readonly reason: string; readonly at: string } | null;
};

export type EvidencePage = { readonly data: readonly Evidence[]; readonly next_cursor: string | null };

export type EvidenceDetails = {
  readonly location: { readonly lat: number; readonly lon: number } | null;
  readonly accuracy_meters: number | null;
  readonly altitude_meters: number | null;
  readonly speed_mps: number | null;
  readonly witnesses: readonly {
    readonly witness_name: string;
    readonly witness_id: string | null;
    readonly relationship: "supervisor" | "peer" | "beneficiary" | "other" | null;
    readonly statement: string | null;
    readonly confirmation: "named" | "confirmed" | "declined";
  }[];
  readonly file: {
    readonly taken_at: string | null;
    readonly utc_offset: string | null;
    readonly gps_time: string | null;
    readonly location: { readonly lat: number; readonly lon: number } | null;
    readonly camera: string | null;
    readonly content_credentials: {
      readonly integrity: "intact" | "broken";
      readonly trust: "trusted" | "unknown" | "expired";
      readonly signer: string | null;
      readonly generator: string | null;
    } | null;
    readonly pages: number | null;
    readonly duration_seconds: number | null;
  } | null;
  readonly evidence_data: { readonly [name: string]: unknown };
  readonly findings: readonly {
    readonly code: string;
    readonly detail: string;
    readonly evidence_id: string | null;
    readonly submitted_by: string | null;
  }[];
};

export type Attestation = {
  readonly evidence_id: string;
  readonly contribution_id: string;
  readonly title: string;
  readonly user_id: string;
  readonly submitted_by: string;
  readonly timestamp: string;
  readonly witness_name: string;
  readonly witness_id: string | null;
  readonly relationship: "supervisor" | "peer" | "beneficiary" | "other" | null;
  readonly statement: string | null;
  readonly confirmation: "named" | "confirmed" | "declined";
};

export type AttestationPage = { readonly data: readonly Attestation[]; readonly next_cursor: string | null };

export type Vouch = {
  readonly id: string;
  readonly voucher_id: string;
  readonly voucher: Person;
  readonly vouchee_id: string;
  readonly vouchee: Person;
  readonly skill_id: string | null;
  readonly weight_hint: "strong" | "moderate" | "light" | null;
  readonly message: string | null;
  readonly created_at: string;
};

export type VouchPage = { readonly data: readonly Vouch[]; readonly next_cursor: string | null };

export type Invitation = {
  readonly id: string;
  readonly email: string | null;
  readonly invited_by: string | null;
  readonly inviter: Person | null;
  readonly kind: "mail" | "link";
  readonly uses_max: number | null;
  readonly uses: number | null;
  readonly status: "open" | "accepted" | "revoked" | "expired";
  readonly created_at: string;
  readonly expires_at: string;
  readonly accepted_at: string | null;
  readonly accepted_by: string | null;
  readonly guest: Person | null;
};

export type CreatedInvitation = {
  readonly id: string;
  readonly email: string | null;
  readonly invited_by: string | null;
  readonly inviter: Person | null;
  readonly kind: "mail" | "link";
  readonly uses_max: number | null;
  readonly uses: number | null;
  readonly status: "open" | "accepted" | "revoked" | "expired";
  readonly created_at: string;
  readonly expires_at: string;
  readonly accepted_at: string | null;
  readonly accepted_by: string | null;
  readonly guest: Person | null;
  readonly token: string | null;
  readonly url: string | null;
};

export type InvitationPage = { readonly data: readonly Invitation[]; readonly next_cursor: string | null };

export type Block = {
  readonly user_id: string;
  readonly user: Person;
  readonly username: string;
  readonly created_at: string;
};

export type BlockPage = { readonly data: readonly Block[]; readonly next_cursor: string | null };

export type Comment = {
  readonly id: string;
  readonly task_id: string | null;
  readonly contribution_id: string | null;
  readonly author_id: string;
  readonly author: Person;
  readonly kind: "comment" | "unassign" | "cancel" | "cannot_come";
  readonly text: string;
  readonly created_at: string;
  readonly edited_at: string | null;
  readonly hidden: { readonly reason: string; readonly at: string } | null;
};

export type CommentPage = { readonly data: readonly Comment[]; readonly next_cursor: string | null };

export type Notification = {
  readonly id: string;
  readonly kind:
    | "task_claimed"
    | "task_assigned"
    | "task_given_back"
    | "task_unassigned"
    | "claim_expired"
    | "task_completed"
    | "task_cancelled"
    | "cannot_come"
    | "task_tomorrow"
    | "task_soon"
    | "marked_absent"
    | "verification_waiting"
    | "vote_received"
    | "contribution_decided"
    | "evidence_waiting"
    | "evidence_refused"
    | "vouch_received"
    | "witness_asked"
    | "witness_answered"
    | "comment_received"
    | "invitation_accepted"
    | "report_decided"
    | "content_hidden";
  readonly actor: Person | null;
  readonly title: string | null;
  readonly task_id: string | null;
  readonly contribution_id: string | null;
  readonly comment_id: string | null;
  readonly evidence_id: string | null;
  readonly outcome:
    | "approved"
    | "rejected"
    | "verified"
    | "confirmed"
    | "declined"
    | "hidden"
    | "warned"
    | "dismissed"
    | null;
  readonly created_at: string;
  readonly read_at: string | null;
};

export type NotificationFeed = {
  readonly data: readonly Notification[];
  readonly next_cursor: string | null;
  readonly unread_count: number;
};

export type UnreadNotifications = { readonly unread_count: number };

export type PushSubscription = { readonly id: string; readonly service: string; readonly created_at: string };

export type NotificationSettings = {
  readonly time_zone: string;
  readonly quiet_hours: { readonly from: string; readonly until: string } | null;
  readonly push_public_key: string | null;
  readonly preferences: {
    readonly task_claimed: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly task_assigned: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly task_given_back: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly task_unassigned: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly claim_expired: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly task_completed: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly task_cancelled: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly cannot_come: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly task_tomorrow: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly task_soon: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly marked_absent: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly verification_waiting: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly vote_received: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly contribution_decided: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly evidence_waiting: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly evidence_refused: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly vouch_received: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly witness_asked: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly witness_answered: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly comment_received: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly invitation_accepted: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly report_decided: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
    readonly content_hidden: { readonly feed: boolean; readonly mail: boolean; readonly push: boolean };
  };
};

export type Report = {
  readonly id: string;
  readonly target_type: "task" | "contribution" | "evidence" | "user" | "comment";
  readonly target_id: string;
  readonly reason: "spam" | "abuse" | "fraud" | "privacy" | "dangerous" | "other";
  readonly details: string | null;
  readonly status: "open" | "resolved";
  readonly created_at: string;
};

export type AdminReport = {
  readonly id: string;
  readonly target_type: "task" | "contribution" | "evidence" | "user" | "comment";
  readonly target_id: string;
  readonly reason: "spam" | "abuse" | "fraud" | "privacy" | "dangerous" | "other";
  readonly details: string | null;
  readonly status: "open" | "resolved";
  readonly created_at: string;
  readonly reporter_id: string;
  readonly reporter: Person;
  readonly target_owner_id: string;
  readonly target_owner: Person;
  readonly outcome: "dismissed" | "warned" | "hidden" | "account_deleted" | null;
  readonly note: string | null;
  readonly resolved_by: string | null;
  readonly resolved_at: string | null;
};

export type AdminReportPage = { readonly data: readonly AdminReport[]; readonly next_cursor: string | null };

export type WebhookEvent = {
  readonly id: string;
  readonly event_type: "contribution_created" | "vouch_submitted" | "por_evidence";
  readonly subject: string;
  readonly sequence: number;
  readonly actor_id: string;
  readonly request_id: string;
  readonly status: "pending" | "delivered" | "dead";
  readonly attempts: number;
  readonly redrives: number;
  readonly created_at: string;
  readonly published_at: string | null;
  readonly delivered_at: string | null;
};

export type WebhookEventPage = { readonly data: readonly WebhookEvent[]; readonly next_cursor: string | null };

export type WebhookFailure = {
  readonly id: string;
  readonly event_id: string | null;
  readonly event_type: "contribution_created" | "vouch_submitted" | "por_evidence" | null;
  readonly subject: string | null;
  readonly queue: string | null;
  readonly reason: string;
  readonly status: number | null;
  readonly response_head: string | null;
  readonly failed_at: string;
  readonly redriven_at: string | null;
  readonly redriven_by: string | null;
};

export type WebhookFailurePage = { readonly data: readonly WebhookFailure[]; readonly next_cursor: string | null };

export type RedriveResult = { readonly redriven: number; readonly more: boolean };

export type AuditEntry = {
  readonly id: string;
  readonly actor_id: string | null;
  readonly action: string;
  readonly target_type: string;
  readonly target_id: string;
  readonly details: { readonly [name: string]: unknown };
  readonly request_id: string;
  readonly created_at: string;
};

export type AuditEntryPage = { readonly data: readonly AuditEntry[]; readonly next_cursor: string | null };

export type Export = {
  readonly generated_at: string;
  readonly user: OwnUser;
  readonly tasks_created: readonly { readonly [name: string]: unknown }[];
  readonly task_assignments: readonly { readonly [name: string]: unknown }[];
  readonly contributions: readonly { readonly [name: string]: unknown }[];
  readonly evidence: readonly { readonly [name: string]: unknown }[];
  readonly evidence_received: readonly Evidence[];
  readonly files: readonly ExportedFile[];
  readonly uploads: readonly { readonly [name: string]: unknown }[];
  readonly avatars: readonly { readonly [name: string]: unknown }[];
  readonly witness_of: readonly { readonly [name: string]: unknown }[];
  readonly verifications: readonly { readonly [name: string]: unknown }[];
  readonly verifications_received: readonly { readonly [name: string]: unknown }[];
  readonly invitations: readonly { readonly [name: string]: unknown }[];
  readonly vouches_given: readonly { readonly [name: string]: unknown }[];
  readonly vouches_received: readonly { readonly [name: string]: unknown }[];
  readonly comments: readonly { readonly [name: string]: unknown }[];
  readonly notifications: readonly { readonly [name: string]: unknown }[];
  readonly notification_settings: readonly { readonly [name: string]: unknown }[];
  readonly push_subscriptions: readonly { readonly [name: string]: unknown }[];
  readonly reports: readonly { readonly [name: string]: unknown }[];
  readonly blocks: readonly { readonly [name: string]: unknown }[];
  readonly reputation: { readonly [name: string]: unknown } | null;
  readonly sessions: readonly { readonly [name: string]: unknown }[];
  readonly logins: readonly { readonly [name: string]: unknown }[];
  readonly second_factors: readonly { readonly [name: string]: unknown }[];
  readonly events: readonly { readonly [name: string]: unknown }[];
  readonly audit_log: readonly { readonly [name: string]: unknown }[];
  readonly next_cursor: string | null;
};

export type ExportedFile = {
  readonly evidence_id: string;
  readonly upload_id: string;
  readonly file_name: string;
  readonly content_type:
    | "image/jpeg"
    | "image/png"
    | "image/webp"
    | "image/heic"
    | "application/pdf"
    | "video/mp4"
    | "video/quicktime";
  readonly size_bytes: number;
  readonly sha256: string;
  readonly url: string;
  readonly thumbnail_url: string | null;
  readonly expires_at: string;
};

export type Live = { readonly status: "live" };

export type Ready = {
  readonly status: "ready" | "not_ready" | "draining";
  readonly checks?:
    | {
        readonly database: "ok" | "error" | "disabled";
        readonly redis: "ok" | "error" | "disabled";
        readonly s3: "ok" | "error" | "disabled";
        readonly queue: "ok" | "error" | "disabled";
      }
    | undefined;
};

export type Health = {
  readonly status: "healthy" | "unhealthy";
  readonly checks: {
    readonly database: "ok" | "error" | "disabled";
    readonly redis: "ok" | "error" | "disabled";
    readonly s3: "ok" | "error" | "disabled";
    readonly queue: "ok" | "error" | "disabled";
  };
  readonly version: string;
  readonly stage: string;
  readonly timestamp: string;
};

export type FieldError = {
  readonly field: string;
  readonly code:
    | "required"
    | "type"
    | "unknown_field"
    | "too_short"
    | "too_long"
    | "too_few"
    | "too_many"
    | "too_small"
    | "too_large"
    | "format"
    | "characters"
    | "not_allowed"
    | "duplicate"
    | "unknown_reference"
    | "mismatch"
    | "guessable";
  readonly message: string;
};

export type Problem = {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code:
    | "MALFORMED_REQUEST"
    | "MALFORMED_JSON"
    | "VALIDATION_FAILED"
    | "UNAUTHENTICATED"
    | "INVALID_CREDENTIALS"
    | "INVALID_REFRESH_TOKEN"
    | "ACCOUNT_LOCKED"
    | "MFA_REQUIRED"
    | "INVALID_MFA_CODE"
    | "WRONG_PASSWORD"
    | "FORBIDDEN"
    | "EMAIL_NOT_VERIFIED"
    | "INVITATION_REQUIRED"
    | "NOT_FOUND"
    | "METHOD_NOT_ALLOWED"
    | "NOT_ACCEPTABLE"
    | "REQUEST_TIMEOUT"
    | "MFA_ALREADY_ENABLED"
    | "USERNAME_TAKEN"
    | "EMAIL_TAKEN"
    | "TASK_NOT_OPEN"
    | "INVALID_TASK_STATE"
    | "SKILL_EXISTS"
    | "ALREADY_VOUCHED"
    | "ALREADY_VERIFIED"
    | "VERIFICATION_CLOSED"
    | "INVALID_EVIDENCE_STATE"
    | "EVIDENCE_CHANGED"
    | "EVIDENCE_LIMIT_REACHED"
    | "UPLOAD_ALREADY_USED"
    | "DUPLICATE_FILE"
    | "ALREADY_REPORTED"
    | "ALREADY_RESOLVED"
    | "CONTENT_HIDDEN"
    | "INVITATION_CLOSED"
    | "IDEMPOTENCY_KEY_IN_USE"
    | "PAYLOAD_TOO_LARGE"
    | "UNSUPPORTED_MEDIA_TYPE"
    | "EXPECTATION_FAILED"
    | "RULE_VIOLATED"
    | "IDEMPOTENCY_KEY_REUSED"
    | "UPLOAD_MISSING"
    | "UPLOAD_MISMATCH"
    | "REPUTATION_TOO_LOW"
    | "INVALID_RESET_TOKEN"
    | "INVALID_EMAIL_PROOF"
    | "INVALID_INVITATION"
    | "LAST_ADMIN"
    | "RATE_LIMITED"
    | "HEADERS_TOO_LARGE"
    | "INTERNAL"
    | "UNAVAILABLE";
  readonly request_id: string;
  readonly next_step?:
    | "reset_password"
    | "prove_email"
    | "ask_for_new_mail"
    | "ask_for_invitation"
    | "earn_reputation"
    | undefined;
  readonly errors?: readonly FieldError[] | undefined;
  readonly errors_truncated?: boolean | undefined;
};
