CREATE TABLE "erasures" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"username" text NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"section" text DEFAULT 'evidence' NOT NULL,
	"last_id" uuid,
	"due_at" timestamp with time zone NOT NULL,
	CONSTRAINT "erasures_section_rule" CHECK (section in ('evidence', 'contributions', 'tasks', 'comments', 'verifications', 'vouches_given', 'vouches_received', 'witnesses', 'namesakes', 'uploads', 'objects'))
);
--> statement-breakpoint
CREATE TABLE "avatars" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"status" text DEFAULT 'requested' NOT NULL,
	"object_key" text,
	"object_version_id" text,
	"content_type" text NOT NULL,
	"size_bytes" integer NOT NULL,
	"sha256" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"examinations" integer DEFAULT 0 NOT NULL,
	"refusal_code" text,
	"refusal_detail" text,
	"name" text,
	"picture" "bytea",
	"hidden_at" timestamp with time zone,
	"hidden_reason" text,
	"hidden_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "avatars_object_key_key" UNIQUE("object_key"),
	CONSTRAINT "avatars_name_key" UNIQUE("name"),
	CONSTRAINT "avatars_status_rule" CHECK (status in ('requested', 'examining', 'accepted', 'refused', 'removed')),
	CONSTRAINT "avatars_content_type_rule" CHECK (content_type in ('image/jpeg', 'image/png', 'image/webp')),
	CONSTRAINT "avatars_size_bytes_rule" CHECK (size_bytes between 100 and 2097152),
	CONSTRAINT "avatars_sha256_rule" CHECK (sha256 ~ '^[0-9a-f]{64}$' and name ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "avatars_picture_rule" CHECK (octet_length(picture) <= 98304),
	CONSTRAINT "avatars_accepted_rule" CHECK ((status = 'accepted') = (picture is not null) and (status = 'accepted') = (name is not null)),
	CONSTRAINT "avatars_refused_rule" CHECK ((status = 'refused') = (refusal_code is not null)),
	CONSTRAINT "avatars_hiding_rule" CHECK (num_nulls(hidden_at, hidden_reason, hidden_by) in (0, 3) and (hidden_reason is null or length(hidden_reason) between 1 and 500 and hidden_reason ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]')),
	CONSTRAINT "avatars_hidden_rule" CHECK (hidden_at is null or status = 'accepted')
);
--> statement-breakpoint
CREATE TABLE "blocks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"blocker_id" uuid NOT NULL,
	"blocked_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blocks_pair_key" UNIQUE("blocker_id","blocked_id"),
	CONSTRAINT "blocks_not_self_rule" CHECK (blocker_id <> blocked_id)
);
--> statement-breakpoint
CREATE TABLE "contributions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"task_id" uuid,
	"contribution_type" text NOT NULL,
	"title" text NOT NULL,
	"description" text,
	"skill_ids" uuid[] DEFAULT '{}' NOT NULL,
	"metadata" json DEFAULT '{}'::json NOT NULL,
	"verification_status" text DEFAULT 'pending' NOT NULL,
	"decided_at" timestamp with time zone,
	"quality_score" double precision,
	"reputation_multiplier" double precision,
	"sealed_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"hidden_at" timestamp with time zone,
	"hidden_reason" text,
	"hidden_by" uuid,
	CONSTRAINT "contributions_type_rule" CHECK (contribution_type in ('task_completion', 'code_review', 'documentation', 'mentoring', 'event_organization', 'community_service', 'custom')),
	CONSTRAINT "contributions_title_rule" CHECK (length(title) between 1 and 200 and title ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and title !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]'),
	CONSTRAINT "contributions_description_rule" CHECK (length(description) <= 2000),
	CONSTRAINT "contributions_skill_ids_rule" CHECK (cardinality(skill_ids) <= 10),
	CONSTRAINT "contributions_metadata_rule" CHECK (json_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
	CONSTRAINT "contributions_status_rule" CHECK (verification_status in ('pending', 'verified', 'rejected')),
	CONSTRAINT "contributions_hidden_rule" CHECK (num_nulls(hidden_at, hidden_reason, hidden_by) in (0, 3) and (hidden_reason is null or length(hidden_reason) between 1 and 500 and hidden_reason ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]')),
	CONSTRAINT "contributions_decided_rule" CHECK ((verification_status = 'pending') = (decided_at is null)),
	CONSTRAINT "contributions_score_rule" CHECK (case verification_status when 'pending' then quality_score is null and reputation_multiplier is null else quality_score is not null and quality_score between 0 and 1 and reputation_multiplier is not null and reputation_multiplier in (1, 1.2, 1.5) end)
);
--> statement-breakpoint
CREATE TABLE "verifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"contribution_id" uuid NOT NULL,
	"verifier_id" uuid NOT NULL,
	"outcome" text NOT NULL,
	"notes" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "verifications_one_vote_key" UNIQUE("contribution_id","verifier_id"),
	CONSTRAINT "verifications_outcome_rule" CHECK (outcome in ('approved', 'rejected')),
	CONSTRAINT "verifications_notes_rule" CHECK (length(notes) <= 2000)
);
--> statement-breakpoint
CREATE TABLE "evidence" (
	"id" uuid PRIMARY KEY NOT NULL,
	"contribution_id" uuid NOT NULL,
	"submitted_by" uuid NOT NULL,
	"evidence_type" text NOT NULL,
	"status" text NOT NULL,
	"claimed_at" timestamp with time zone NOT NULL,
	"latitude" double precision,
	"longitude" double precision,
	"accuracy_meters" double precision,
	"altitude_meters" double precision,
	"speed_mps" double precision,
	"media_hash" text,
	"upload_id" uuid,
	"object_version_id" text,
	"evidence_data" json DEFAULT '{}'::json NOT NULL,
	"findings" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"exif" jsonb,
	"picture_hash" text,
	"picture_windows" text[],
	"picture_tokens" integer[],
	"scanned_at" timestamp with time zone,
	"threat" text,
	"examinations" integer DEFAULT 0 NOT NULL,
	"refusal_code" text,
	"refusal_detail" text,
	"decided_at" timestamp with time zone,
	"erased_at" timestamp with time zone,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" uuid,
	"withdrawal_reason" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"hidden_at" timestamp with time zone,
	"hidden_reason" text,
	"hidden_by" uuid,
	CONSTRAINT "evidence_picture_hash_rule" CHECK (picture_hash ~ '^[0-9a-f]{16}$'),
	CONSTRAINT "evidence_type_rule" CHECK (evidence_type in ('photo_with_timestamp', 'gps_verification', 'witness_attestation')),
	CONSTRAINT "evidence_status_rule" CHECK (status in ('examining', 'awaiting_consent', 'accepted', 'refused', 'withdrawn')),
	CONSTRAINT "evidence_coordinates_rule" CHECK ((latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180),
	CONSTRAINT "evidence_media_hash_rule" CHECK (media_hash ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "evidence_shape_rule" CHECK (erased_at is not null or case evidence_type when 'photo_with_timestamp' then media_hash is not null and upload_id is not null when 'gps_verification' then latitude is not null and media_hash is null else latitude is null and media_hash is null end),
	CONSTRAINT "evidence_hidden_rule" CHECK (num_nulls(hidden_at, hidden_reason, hidden_by) in (0, 3) and (hidden_reason is null or length(hidden_reason) between 1 and 500 and hidden_reason ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]')),
	CONSTRAINT "evidence_decided_rule" CHECK (case when status in ('examining', 'awaiting_consent') then decided_at is null else status = 'withdrawn' or decided_at is not null end),
	CONSTRAINT "evidence_withdrawn_rule" CHECK ((status = 'withdrawn') = (withdrawn_at is not null) and (withdrawn_at is null) = (withdrawn_by is null) and (withdrawal_reason is null or withdrawn_at is not null and length(withdrawal_reason) between 1 and 500 and withdrawal_reason ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]')),
	CONSTRAINT "evidence_refusal_rule" CHECK ((status = 'refused') = (refusal_code is not null)),
	CONSTRAINT "evidence_threat_rule" CHECK (threat is null or scanned_at is not null and length(threat) between 1 and 100),
	CONSTRAINT "evidence_measures_rule" CHECK (accuracy_meters between 0 and 100000 and altitude_meters between -1000 and 100000 and speed_mps between 0 and 20000),
	CONSTRAINT "evidence_data_rule" CHECK (json_typeof(evidence_data) = 'object' and octet_length(evidence_data::text) <= 16384),
	CONSTRAINT "evidence_findings_rule" CHECK (jsonb_typeof(findings) = 'array')
);
--> statement-breakpoint
CREATE TABLE "uploads" (
	"id" uuid PRIMARY KEY NOT NULL,
	"contribution_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"object_key" text NOT NULL,
	"file_name" text NOT NULL,
	"content_type" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"multipart_id" text,
	"status" text DEFAULT 'open' NOT NULL,
	CONSTRAINT "uploads_object_key_key" UNIQUE("object_key"),
	CONSTRAINT "uploads_owner_key" UNIQUE("id","contribution_id","user_id"),
	CONSTRAINT "uploads_status_rule" CHECK (status in ('open', 'used', 'ended')),
	CONSTRAINT "uploads_content_type_rule" CHECK (content_type in ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'application/pdf', 'video/mp4', 'video/quicktime')),
	CONSTRAINT "uploads_size_bytes_rule" CHECK (case content_type when 'image/jpeg' then size_bytes between 51200 and 10485760 when 'image/png' then size_bytes between 51200 and 10485760 when 'image/webp' then size_bytes between 51200 and 10485760 when 'image/heic' then size_bytes between 51200 and 15728640 when 'application/pdf' then size_bytes between 10240 and 26214400 when 'video/mp4' then size_bytes between 102400 and 104857600 when 'video/quicktime' then size_bytes between 102400 and 104857600 end),
	CONSTRAINT "uploads_sha256_rule" CHECK (sha256 ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "uploads_file_name_rule" CHECK (length(file_name) between 1 and 255 and file_name ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and file_name !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]')
);
--> statement-breakpoint
CREATE TABLE "witnesses" (
	"id" uuid PRIMARY KEY NOT NULL,
	"evidence_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"witness_name" text NOT NULL,
	"witness_id" uuid,
	"relationship" text,
	"statement" text,
	"has_confirmed" boolean,
	"answered_at" timestamp with time zone,
	CONSTRAINT "witnesses_position_key" UNIQUE("evidence_id","position"),
	CONSTRAINT "witnesses_position_rule" CHECK (position between 1 and 10),
	CONSTRAINT "witnesses_name_rule" CHECK (length(witness_name) between 1 and 255 and witness_name ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and witness_name !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]'),
	CONSTRAINT "witnesses_answer_rule" CHECK ((has_confirmed is null) = (answered_at is null) and (has_confirmed is null or witness_id is not null)),
	CONSTRAINT "witnesses_relationship_rule" CHECK (relationship in ('supervisor', 'peer', 'beneficiary', 'other')),
	CONSTRAINT "witnesses_statement_rule" CHECK (length(statement) <= 2000)
);
--> statement-breakpoint
CREATE TABLE "invitations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text,
	"invited_by" uuid,
	"token_hash" text,
	"by_link" boolean DEFAULT false NOT NULL,
	"uses_max" integer,
	"uses" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"accepted_at" timestamp with time zone,
	"accepted_by" uuid,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "invitations_token_hash_key" UNIQUE("token_hash"),
	CONSTRAINT "invitations_accepted_by_key" UNIQUE("accepted_by"),
	CONSTRAINT "invitations_email_rule" CHECK (length(email) between 3 and 254),
	CONSTRAINT "invitations_open_rule" CHECK ((email is null) = (by_link or accepted_at is not null or revoked_at is not null)),
	CONSTRAINT "invitations_token_rule" CHECK ((token_hash is null) = (by_link and accepted_at is not null)),
	CONSTRAINT "invitations_link_rule" CHECK ((uses_max is not null) = (by_link and accepted_at is null)),
	CONSTRAINT "invitations_uses_rule" CHECK (uses between 0 and coalesce(uses_max, 0)),
	CONSTRAINT "invitations_uses_max_rule" CHECK (uses_max between 1 and 1000),
	CONSTRAINT "invitations_accepted_rule" CHECK ((accepted_at is null) = (accepted_by is null)),
	CONSTRAINT "invitations_end_rule" CHECK (accepted_at is null or revoked_at is null)
);
--> statement-breakpoint
CREATE TABLE "recovery_codes" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"code_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "recovery_codes_code_hash_key" UNIQUE("code_hash"),
	CONSTRAINT "recovery_codes_code_hash_rule" CHECK (code_hash ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "totp_secrets" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"secret" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"confirmed_at" timestamp with time zone,
	"last_step" bigint,
	CONSTRAINT "totp_secrets_step_rule" CHECK ((last_step is null) = (confirmed_at is null))
);
--> statement-breakpoint
CREATE TABLE "digests" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"due_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "notification_settings" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"time_zone" text NOT NULL,
	"quiet_from" smallint,
	"quiet_until" smallint,
	"choices" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "notification_settings_zone_rule" CHECK (length(time_zone) between 1 and 64),
	CONSTRAINT "notification_settings_quiet_rule" CHECK (num_nulls(quiet_from, quiet_until) in (0, 2) and quiet_from between 0 and 1439 and quiet_until between 0 and 1439 and quiet_from <> quiet_until)
);
--> statement-breakpoint
CREATE TABLE "notifications" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"actor_id" uuid,
	"task_id" uuid,
	"contribution_id" uuid,
	"comment_id" uuid,
	"evidence_id" uuid,
	"outcome" text,
	"in_feed" boolean NOT NULL,
	"read_at" timestamp with time zone,
	"for_mail" boolean NOT NULL,
	"is_new" boolean NOT NULL,
	"push_due_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "notifications_kind_rule" CHECK (kind in ('task_claimed', 'task_assigned', 'task_given_back', 'task_unassigned', 'claim_expired', 'task_completed', 'task_cancelled', 'cannot_come', 'task_tomorrow', 'task_soon', 'marked_absent', 'verification_waiting', 'vote_received', 'contribution_decided', 'evidence_waiting', 'evidence_refused', 'vouch_received', 'witness_asked', 'witness_answered', 'comment_received', 'invitation_accepted', 'report_decided', 'content_hidden')),
	CONSTRAINT "notifications_outcome_rule" CHECK (outcome in ('approved', 'rejected', 'verified', 'confirmed', 'declined', 'hidden', 'warned', 'dismissed')),
	CONSTRAINT "notifications_not_self_rule" CHECK (user_id <> actor_id)
);
--> statement-breakpoint
CREATE TABLE "push_subscriptions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"endpoint" text NOT NULL,
	"endpoint_hash" text NOT NULL,
	"p256dh" text NOT NULL,
	"auth" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "push_subscriptions_endpoint_rule" CHECK (length(endpoint) between 1 and 1000),
	CONSTRAINT "push_subscriptions_hash_rule" CHECK (endpoint_hash ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "proof_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"public_key" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "proof_keys_id_rule" CHECK (id ~ '^[0-9a-f]{16}$')
);
--> statement-breakpoint
CREATE TABLE "proof_roots" (
	"number" integer PRIMARY KEY NOT NULL,
	"key_id" text NOT NULL,
	"document" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"stored_at" timestamp with time zone,
	CONSTRAINT "proof_roots_number_rule" CHECK (number > 0)
);
--> statement-breakpoint
CREATE TABLE "proof_salts" (
	"subject_id" uuid PRIMARY KEY NOT NULL,
	"salt" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "proof_seals" (
	"contribution_id" uuid PRIMARY KEY NOT NULL,
	"root_number" integer NOT NULL,
	"position" integer NOT NULL,
	"head" text NOT NULL,
	"links" jsonb NOT NULL,
	CONSTRAINT "proof_seals_position_key" UNIQUE("root_number","position"),
	CONSTRAINT "proof_seals_head_rule" CHECK (head ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"reporter_id" uuid NOT NULL,
	"target_type" text NOT NULL,
	"target_id" uuid NOT NULL,
	"target_owner_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"details" text,
	"status" text DEFAULT 'open' NOT NULL,
	"outcome" text,
	"note" text,
	"resolved_by" uuid,
	"resolved_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reports_not_self_rule" CHECK (reporter_id <> target_owner_id),
	CONSTRAINT "reports_target_type_rule" CHECK (target_type in ('task', 'contribution', 'evidence', 'user', 'comment')),
	CONSTRAINT "reports_reason_rule" CHECK (reason in ('spam', 'abuse', 'fraud', 'privacy', 'dangerous', 'other')),
	CONSTRAINT "reports_status_rule" CHECK (status in ('open', 'resolved')),
	CONSTRAINT "reports_outcome_rule" CHECK (outcome in ('dismissed', 'warned', 'hidden', 'account_deleted')),
	CONSTRAINT "reports_details_rule" CHECK (length(details) <= 2000),
	CONSTRAINT "reports_note_rule" CHECK (length(note) <= 2000),
	CONSTRAINT "reports_resolved_rule" CHECK ((status = 'resolved') = (outcome is not null) and (status = 'resolved') = (resolved_at is not null)),
	CONSTRAINT "reports_resolved_by_rule" CHECK (case when status = 'open' or outcome = 'account_deleted' then resolved_by is null else resolved_by is not null end)
);
--> statement-breakpoint
CREATE TABLE "reputation_cache" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"reputation" jsonb NOT NULL,
	"fetched_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "login_addresses" (
	"key" text PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"last_used_at" timestamp with time zone NOT NULL,
	CONSTRAINT "login_addresses_key_rule" CHECK (key ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "login_failures" (
	"key" text PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"locked_until" timestamp with time zone,
	"forget_at" timestamp with time zone NOT NULL,
	CONSTRAINT "login_failures_key_rule" CHECK (key ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "login_failures_failures_rule" CHECK (failures > 0)
);
--> statement-breakpoint
CREATE TABLE "password_resets" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid,
	"address_hash" text NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	CONSTRAINT "password_resets_token_hash_key" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "refresh_tokens" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"family_id" uuid NOT NULL,
	"token_hash" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "refresh_tokens_token_hash_key" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	"mfa_at" timestamp with time zone,
	"device" text,
	"network" text,
	CONSTRAINT "sessions_device_rule" CHECK (length(device) <= 100),
	CONSTRAINT "sessions_network_rule" CHECK (length(network) <= 50)
);
--> statement-breakpoint
CREATE TABLE "skills" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"category" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "skills_name_rule" CHECK (length(name) between 1 and 100 and name ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and name !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]'),
	CONSTRAINT "skills_category_rule" CHECK (length(category) between 1 and 100 and category ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and category !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]')
);
--> statement-breakpoint
CREATE TABLE "comments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid,
	"contribution_id" uuid,
	"author_id" uuid NOT NULL,
	"kind" text DEFAULT 'comment' NOT NULL,
	"text" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"edited_at" timestamp with time zone,
	"hidden_at" timestamp with time zone,
	"hidden_reason" text,
	"hidden_by" uuid,
	CONSTRAINT "comments_target_rule" CHECK (num_nonnulls(task_id, contribution_id) = 1),
	CONSTRAINT "comments_kind_rule" CHECK (kind in ('comment', 'unassign', 'cancel', 'cannot_come')),
	CONSTRAINT "comments_text_rule" CHECK (length(text) between 1 and 2000 and text ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]'),
	CONSTRAINT "comments_hidden_rule" CHECK (num_nulls(hidden_at, hidden_reason, hidden_by) in (0, 3) and (hidden_reason is null or length(hidden_reason) between 1 and 500 and hidden_reason ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]'))
);
--> statement-breakpoint
CREATE TABLE "task_assignments" (
	"id" uuid PRIMARY KEY NOT NULL,
	"task_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"assigned_by" uuid NOT NULL,
	"assigned_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"claim_expires_at" timestamp with time zone,
	"ended_at" timestamp with time zone,
	"ended_as" text,
	"remind_at" timestamp with time zone,
	"was_present" boolean,
	"marked_by" uuid,
	"marked_at" timestamp with time zone,
	CONSTRAINT "task_assignments_end_rule" CHECK ((ended_at is null) = (ended_as is null)),
	CONSTRAINT "task_assignments_mark_rule" CHECK (num_nulls(was_present, marked_by, marked_at) in (0, 3)),
	CONSTRAINT "task_assignments_ended_as_rule" CHECK (ended_as in ('completed', 'unassigned', 'cancelled', 'expired', 'cannot_come'))
);
--> statement-breakpoint
CREATE TABLE "task_skills" (
	"task_id" uuid NOT NULL,
	"skill_id" uuid NOT NULL,
	CONSTRAINT "task_skills_task_id_skill_id_pk" PRIMARY KEY("task_id","skill_id")
);
--> statement-breakpoint
CREATE TABLE "tasks" (
	"id" uuid PRIMARY KEY NOT NULL,
	"creator_id" uuid NOT NULL,
	"assignee_id" uuid,
	"title" text NOT NULL,
	"description" text NOT NULL,
	"difficulty" text NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"location" text,
	"latitude" double precision,
	"longitude" double precision,
	"coordinates_precision_km" double precision,
	"estimated_hours" numeric(6, 2),
	"people_needed" integer DEFAULT 1 NOT NULL,
	"places_taken" integer DEFAULT 0 NOT NULL,
	"closed_at" timestamp with time zone,
	"starts_at" timestamp with time zone,
	"ends_at" timestamp with time zone,
	"claim_hours" integer,
	"repeats" text,
	"repeat_of" uuid,
	"metadata" json DEFAULT '{}'::json NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"completed_at" timestamp with time zone,
	"cancelled_at" timestamp with time zone,
	"hidden_at" timestamp with time zone,
	"hidden_reason" text,
	"hidden_by" uuid,
	"search" "tsvector" GENERATED ALWAYS AS (to_tsvector('simple', translate(lower(regexp_replace(normalize(title || ' ' || description || ' ' || coalesce(location, ''), NFD), '[̀-ͯ]', '', 'g')), '-_./@:', '      '))) STORED,
	CONSTRAINT "tasks_title_rule" CHECK (length(title) between 1 and 200 and title ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and title !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]'),
	CONSTRAINT "tasks_description_rule" CHECK (length(description) <= 5000),
	CONSTRAINT "tasks_difficulty_rule" CHECK (difficulty in ('easy', 'intermediate', 'hard')),
	CONSTRAINT "tasks_status_rule" CHECK (status in ('open', 'assigned', 'in_progress', 'completed', 'cancelled')),
	CONSTRAINT "tasks_location_rule" CHECK (length(location) between 1 and 500 and location ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and location !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]'),
	CONSTRAINT "tasks_coordinates_rule" CHECK ((latitude is null) = (longitude is null) and latitude between -90 and 90 and longitude between -180 and 180),
	CONSTRAINT "tasks_precision_rule" CHECK (coordinates_precision_km is null or coordinates_precision_km in (1, 5, 20) and latitude is not null),
	CONSTRAINT "tasks_estimated_hours_rule" CHECK (estimated_hours > 0 and estimated_hours <= 1000),
	CONSTRAINT "tasks_metadata_rule" CHECK (json_typeof(metadata) = 'object' and octet_length(metadata::text) <= 16384),
	CONSTRAINT "tasks_assignee_rule" CHECK (case when people_needed > 1 or status = 'open' then assignee_id is null when status = 'cancelled' then true else assignee_id is not null end),
	CONSTRAINT "tasks_people_rule" CHECK (people_needed between 1 and 100),
	CONSTRAINT "tasks_places_rule" CHECK (places_taken between 0 and people_needed and (people_needed > 1 or places_taken = 0 and closed_at is null)),
	CONSTRAINT "tasks_times_rule" CHECK (ends_at > starts_at),
	CONSTRAINT "tasks_claim_hours_rule" CHECK (claim_hours between 1 and 720),
	CONSTRAINT "tasks_repeats_rule" CHECK (repeats in ('weekly', 'monthly')),
	CONSTRAINT "tasks_hidden_rule" CHECK (num_nulls(hidden_at, hidden_reason, hidden_by) in (0, 3) and (hidden_reason is null or length(hidden_reason) between 1 and 500 and hidden_reason ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]'))
);
--> statement-breakpoint
CREATE TABLE "former_usernames" (
	"name_hash" text PRIMARY KEY NOT NULL,
	"owner_id" uuid,
	"free_at" timestamp with time zone NOT NULL,
	CONSTRAINT "former_usernames_hash_rule" CHECK (name_hash ~ '^[0-9a-f]{64}$')
);
--> statement-breakpoint
CREATE TABLE "user_skills" (
	"user_id" uuid NOT NULL,
	"skill_id" uuid NOT NULL,
	CONSTRAINT "user_skills_user_id_skill_id_pk" PRIMARY KEY("user_id","skill_id")
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"username" text NOT NULL,
	"email" text NOT NULL,
	"email_verified_at" timestamp with time zone,
	"admitted_at" timestamp with time zone,
	"password_hash" text,
	"roles" text[] DEFAULT '{"contributor"}' NOT NULL,
	"display_name" text,
	"bio" text,
	"language" text,
	"location" text,
	"avatar" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"deleted_at" timestamp with time zone,
	"names" "tsvector" GENERATED ALWAYS AS (to_tsvector('simple', translate(lower(regexp_replace(normalize(username || ' ' || coalesce(display_name, ''), NFD), '[̀-ͯ]', '', 'g')), '-_./@:', '      '))) STORED,
	CONSTRAINT "users_display_name_rule" CHECK (length(display_name) between 1 and 80 and display_name ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and display_name !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]'),
	CONSTRAINT "users_location_rule" CHECK (length(location) between 1 and 100 and location ~ '[^\s\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B-\u200F\u2028-\u202E\u2060-\u206F\u2800\u3164\uFE00-\uFE0F\uFEFF\uFFA0\uFFF0-\uFFFB\U000E0000-\U000E0FFF]' and location !~ '[\t\n\r\u0085\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]'),
	CONSTRAINT "users_avatar_rule" CHECK (avatar is null or avatar ~ '^[0-9a-f]{64}$' and deleted_at is null),
	CONSTRAINT "users_language_rule" CHECK (language in ('id', 'en')),
	CONSTRAINT "users_username_rule" CHECK (username ~ '^[a-z0-9_-]{3,50}$'),
	CONSTRAINT "users_deleted_name_rule" CHECK (deleted_at is not null or username !~ '^deleted'),
	CONSTRAINT "users_email_rule" CHECK (length(email) between 3 and 254),
	CONSTRAINT "users_bio_rule" CHECK (length(bio) <= 1000),
	CONSTRAINT "users_roles_rule" CHECK (roles <@ array['contributor', 'verifier', 'admin'] and 'contributor' = any(roles)),
	CONSTRAINT "users_password_rule" CHECK ((password_hash is null) = (deleted_at is not null))
);
--> statement-breakpoint
CREATE TABLE "vouches" (
	"id" uuid PRIMARY KEY NOT NULL,
	"voucher_id" uuid NOT NULL,
	"vouchee_id" uuid NOT NULL,
	"skill_id" uuid,
	"weight_hint" text,
	"message" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "vouches_not_self_rule" CHECK (voucher_id <> vouchee_id),
	CONSTRAINT "vouches_weight_hint_rule" CHECK (weight_hint in ('strong', 'moderate', 'light')),
	CONSTRAINT "vouches_message_rule" CHECK (length(message) <= 500)
);
--> statement-breakpoint
CREATE TABLE "event_subjects" (
	"subject" text PRIMARY KEY NOT NULL,
	"last_sequence" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "timers" (
	"name" text PRIMARY KEY NOT NULL,
	"armed_for" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhook_attempts" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event_id" text NOT NULL,
	"attempted_at" timestamp with time zone NOT NULL,
	"latency_ms" integer NOT NULL,
	"status" integer,
	"error" text,
	"response_head" text,
	CONSTRAINT "webhook_attempts_latency_rule" CHECK (latency_ms >= 0),
	CONSTRAINT "webhook_attempts_answer_rule" CHECK (status is not null or error is not null)
);
--> statement-breakpoint
CREATE TABLE "webhook_events" (
	"id" text PRIMARY KEY NOT NULL,
	"event_type" text NOT NULL,
	"subject" text NOT NULL,
	"sequence" integer NOT NULL,
	"actor_id" uuid NOT NULL,
	"request_id" text NOT NULL,
	"body" text NOT NULL,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"redrives" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"published_at" timestamp with time zone,
	"delivered_at" timestamp with time zone,
	CONSTRAINT "webhook_events_sequence_key" UNIQUE("subject","sequence"),
	CONSTRAINT "webhook_events_id_rule" CHECK (id ~ '^evt_[0-9a-f]{16}$'),
	CONSTRAINT "webhook_events_type_rule" CHECK (event_type in ('contribution_created', 'vouch_submitted', 'por_evidence')),
	CONSTRAINT "webhook_events_status_rule" CHECK (status in ('pending', 'delivered', 'dead')),
	CONSTRAINT "webhook_events_sequence_rule" CHECK (sequence > 0),
	CONSTRAINT "webhook_events_delivered_rule" CHECK ((status = 'delivered') = (delivered_at is not null)),
	CONSTRAINT "webhook_events_body_rule" CHECK (octet_length(body) <= 1048576)
);
--> statement-breakpoint
CREATE TABLE "webhook_failures" (
	"id" uuid PRIMARY KEY NOT NULL,
	"event_id" text,
	"queue" text,
	"body" text,
	"message_id" text,
	"reason" text NOT NULL,
	"status" integer,
	"response_head" text,
	"failed_at" timestamp with time zone NOT NULL,
	"redriven_at" timestamp with time zone,
	"redriven_by" uuid,
	CONSTRAINT "webhook_failures_message_id_key" UNIQUE("message_id"),
	CONSTRAINT "webhook_failures_about_rule" CHECK (event_id is not null or (queue is not null and body is not null))
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" uuid PRIMARY KEY NOT NULL,
	"actor_id" uuid,
	"action" text NOT NULL,
	"target_type" text NOT NULL,
	"target_id" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"request_id" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"response_status" integer,
	"response_headers" jsonb,
	"response_body" text,
	"subject_id" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_keys_scope_key_pk" PRIMARY KEY("scope","key"),
	CONSTRAINT "idempotency_keys_key_rule" CHECK (length(key) between 1 and 255)
);
--> statement-breakpoint
CREATE TABLE "quotas" (
	"key" text PRIMARY KEY NOT NULL,
	"used" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "quotas_key_rule" CHECK (key ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "quotas_used_rule" CHECK (used > 0)
);
--> statement-breakpoint
CREATE TABLE "releases" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"version" text NOT NULL,
	"commit" text NOT NULL,
	"operator" text NOT NULL,
	"step" text NOT NULL,
	"data" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"lease" uuid NOT NULL,
	"leased_until" timestamp with time zone NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"outcome" text,
	CONSTRAINT "releases_kind_rule" CHECK (kind in ('release', 'rollback')),
	CONSTRAINT "releases_outcome_rule" CHECK (outcome in ('released', 'rolled_back', 'failed', 'superseded')),
	CONSTRAINT "releases_finished_rule" CHECK ((finished_at is null) = (outcome is null)),
	CONSTRAINT "releases_version_rule" CHECK (length(version) between 1 and 100),
	CONSTRAINT "releases_commit_rule" CHECK (commit ~ '^[0-9a-f]{7,64}$'),
	CONSTRAINT "releases_operator_rule" CHECK (length(operator) between 1 and 200),
	CONSTRAINT "releases_step_rule" CHECK (length(step) between 1 and 20),
	CONSTRAINT "releases_data_rule" CHECK (jsonb_typeof(data) = 'object' and octet_length(data::text) <= 8192)
);
--> statement-breakpoint
ALTER TABLE "erasures" ADD CONSTRAINT "erasures_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "avatars" ADD CONSTRAINT "avatars_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "avatars" ADD CONSTRAINT "avatars_hidden_by_users_id_fk" FOREIGN KEY ("hidden_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_blocker_id_users_id_fk" FOREIGN KEY ("blocker_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_blocked_id_users_id_fk" FOREIGN KEY ("blocked_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contributions" ADD CONSTRAINT "contributions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contributions" ADD CONSTRAINT "contributions_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contributions" ADD CONSTRAINT "contributions_hidden_by_users_id_fk" FOREIGN KEY ("hidden_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "verifications" ADD CONSTRAINT "verifications_contribution_id_contributions_id_fk" FOREIGN KEY ("contribution_id") REFERENCES "public"."contributions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "verifications" ADD CONSTRAINT "verifications_verifier_id_users_id_fk" FOREIGN KEY ("verifier_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_contribution_id_contributions_id_fk" FOREIGN KEY ("contribution_id") REFERENCES "public"."contributions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_submitted_by_users_id_fk" FOREIGN KEY ("submitted_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_upload_id_uploads_id_fk" FOREIGN KEY ("upload_id") REFERENCES "public"."uploads"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_withdrawn_by_users_id_fk" FOREIGN KEY ("withdrawn_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_hidden_by_users_id_fk" FOREIGN KEY ("hidden_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_upload_fk" FOREIGN KEY ("upload_id","contribution_id","submitted_by") REFERENCES "public"."uploads"("id","contribution_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_contribution_id_contributions_id_fk" FOREIGN KEY ("contribution_id") REFERENCES "public"."contributions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "witnesses" ADD CONSTRAINT "witnesses_evidence_id_evidence_id_fk" FOREIGN KEY ("evidence_id") REFERENCES "public"."evidence"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "witnesses" ADD CONSTRAINT "witnesses_witness_id_users_id_fk" FOREIGN KEY ("witness_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_invited_by_users_id_fk" FOREIGN KEY ("invited_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_accepted_by_users_id_fk" FOREIGN KEY ("accepted_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "recovery_codes" ADD CONSTRAINT "recovery_codes_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "totp_secrets" ADD CONSTRAINT "totp_secrets_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "digests" ADD CONSTRAINT "digests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notification_settings" ADD CONSTRAINT "notification_settings_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_subscriptions" ADD CONSTRAINT "push_subscriptions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_subscriptions" ADD CONSTRAINT "push_subscriptions_session_id_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proof_roots" ADD CONSTRAINT "proof_roots_key_id_proof_keys_id_fk" FOREIGN KEY ("key_id") REFERENCES "public"."proof_keys"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proof_seals" ADD CONSTRAINT "proof_seals_contribution_id_contributions_id_fk" FOREIGN KEY ("contribution_id") REFERENCES "public"."contributions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "proof_seals" ADD CONSTRAINT "proof_seals_root_number_proof_roots_number_fk" FOREIGN KEY ("root_number") REFERENCES "public"."proof_roots"("number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_reporter_id_users_id_fk" FOREIGN KEY ("reporter_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_target_owner_id_users_id_fk" FOREIGN KEY ("target_owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_resolved_by_users_id_fk" FOREIGN KEY ("resolved_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reputation_cache" ADD CONSTRAINT "reputation_cache_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "login_addresses" ADD CONSTRAINT "login_addresses_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "password_resets" ADD CONSTRAINT "password_resets_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refresh_tokens" ADD CONSTRAINT "refresh_tokens_family_id_sessions_id_fk" FOREIGN KEY ("family_id") REFERENCES "public"."sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_contribution_id_contributions_id_fk" FOREIGN KEY ("contribution_id") REFERENCES "public"."contributions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_author_id_users_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_hidden_by_users_id_fk" FOREIGN KEY ("hidden_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_assignments" ADD CONSTRAINT "task_assignments_assigned_by_users_id_fk" FOREIGN KEY ("assigned_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_skills" ADD CONSTRAINT "task_skills_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "task_skills" ADD CONSTRAINT "task_skills_skill_id_skills_id_fk" FOREIGN KEY ("skill_id") REFERENCES "public"."skills"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_creator_id_users_id_fk" FOREIGN KEY ("creator_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_assignee_id_users_id_fk" FOREIGN KEY ("assignee_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_repeat_of_tasks_id_fk" FOREIGN KEY ("repeat_of") REFERENCES "public"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_hidden_by_users_id_fk" FOREIGN KEY ("hidden_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "former_usernames" ADD CONSTRAINT "former_usernames_owner_id_users_id_fk" FOREIGN KEY ("owner_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_skills" ADD CONSTRAINT "user_skills_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "user_skills" ADD CONSTRAINT "user_skills_skill_id_skills_id_fk" FOREIGN KEY ("skill_id") REFERENCES "public"."skills"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vouches" ADD CONSTRAINT "vouches_voucher_id_users_id_fk" FOREIGN KEY ("voucher_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vouches" ADD CONSTRAINT "vouches_vouchee_id_users_id_fk" FOREIGN KEY ("vouchee_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vouches" ADD CONSTRAINT "vouches_skill_id_skills_id_fk" FOREIGN KEY ("skill_id") REFERENCES "public"."skills"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_attempts" ADD CONSTRAINT "webhook_attempts_event_id_webhook_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."webhook_events"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_subject_event_subjects_subject_fk" FOREIGN KEY ("subject") REFERENCES "public"."event_subjects"("subject") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_events" ADD CONSTRAINT "webhook_events_actor_id_users_id_fk" FOREIGN KEY ("actor_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_failures" ADD CONSTRAINT "webhook_failures_event_id_webhook_events_id_fk" FOREIGN KEY ("event_id") REFERENCES "public"."webhook_events"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_failures" ADD CONSTRAINT "webhook_failures_redriven_by_users_id_fk" FOREIGN KEY ("redriven_by") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "erasures_due_at_idx" ON "erasures" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "avatars_user_id_idx" ON "avatars" USING btree ("user_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "avatars_one_accepted_key" ON "avatars" USING btree ("user_id") WHERE status = 'accepted';--> statement-breakpoint
CREATE INDEX "avatars_object_idx" ON "avatars" USING btree ("updated_at") WHERE object_key is not null;--> statement-breakpoint
CREATE INDEX "avatars_ended_idx" ON "avatars" USING btree ("updated_at") WHERE status in ('refused', 'removed');--> statement-breakpoint
CREATE INDEX "avatars_hidden_by_idx" ON "avatars" USING btree ("hidden_by");--> statement-breakpoint
CREATE INDEX "blocks_blocker_id_idx" ON "blocks" USING btree ("blocker_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "blocks_blocked_id_idx" ON "blocks" USING btree ("blocked_id");--> statement-breakpoint
CREATE UNIQUE INDEX "contributions_task_id_key" ON "contributions" USING btree ("task_id","user_id");--> statement-breakpoint
CREATE INDEX "contributions_newest_idx" ON "contributions" USING btree ("id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "contributions_user_id_idx" ON "contributions" USING btree ("user_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "contributions_verification_status_idx" ON "contributions" USING btree ("verification_status","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "contributions_type_idx" ON "contributions" USING btree ("contribution_type","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "contributions_skill_ids_idx" ON "contributions" USING gin ("skill_ids");--> statement-breakpoint
CREATE INDEX "contributions_changes_idx" ON "contributions" USING btree ("updated_at","id");--> statement-breakpoint
CREATE INDEX "contributions_pending_idx" ON "contributions" USING btree ("id") WHERE verification_status = 'pending' and hidden_at is null;--> statement-breakpoint
CREATE INDEX "contributions_unsealed_idx" ON "contributions" USING btree ("decided_at") WHERE decided_at is not null and sealed_at is null;--> statement-breakpoint
CREATE INDEX "verifications_contribution_id_idx" ON "verifications" USING btree ("contribution_id","id");--> statement-breakpoint
CREATE INDEX "verifications_verifier_id_idx" ON "verifications" USING btree ("verifier_id","id");--> statement-breakpoint
CREATE INDEX "evidence_contribution_id_idx" ON "evidence" USING btree ("contribution_id","id");--> statement-breakpoint
CREATE INDEX "evidence_submitted_by_idx" ON "evidence" USING btree ("submitted_by","id");--> statement-breakpoint
CREATE UNIQUE INDEX "evidence_upload_id_key" ON "evidence" USING btree ("upload_id");--> statement-breakpoint
CREATE INDEX "evidence_created_at_idx" ON "evidence" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "evidence_media_hash_accepted_key" ON "evidence" USING btree ("media_hash") WHERE (status = 'accepted' or status = 'withdrawn' and decided_at is not null);--> statement-breakpoint
CREATE INDEX "evidence_withdrawn_by_idx" ON "evidence" USING btree ("withdrawn_by");--> statement-breakpoint
CREATE INDEX "evidence_examining_idx" ON "evidence" USING btree ("updated_at") WHERE status = 'examining';--> statement-breakpoint
CREATE INDEX "evidence_readings_idx" ON "evidence" USING btree ("submitted_by","claimed_at") WHERE evidence_type = 'gps_verification';--> statement-breakpoint
CREATE INDEX "evidence_picture_tokens_idx" ON "evidence" USING gin ("picture_tokens") WITH (fastupdate=false);--> statement-breakpoint
CREATE INDEX "uploads_contribution_id_idx" ON "uploads" USING btree ("contribution_id");--> statement-breakpoint
CREATE INDEX "uploads_user_id_idx" ON "uploads" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "uploads_created_at_idx" ON "uploads" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "uploads_multipart_idx" ON "uploads" USING btree ("created_at") WHERE multipart_id is not null;--> statement-breakpoint
CREATE INDEX "uploads_unused_idx" ON "uploads" USING btree ("status","created_at") WHERE status <> 'used';--> statement-breakpoint
CREATE INDEX "uploads_unused_of_member_idx" ON "uploads" USING btree ("user_id") WHERE status <> 'used';--> statement-breakpoint
CREATE INDEX "witnesses_witness_id_idx" ON "witnesses" USING btree ("witness_id","id");--> statement-breakpoint
CREATE INDEX "witnesses_name_idx" ON "witnesses" USING btree (lower("witness_name"),"id") WHERE witness_id is null;--> statement-breakpoint
CREATE INDEX "witnesses_unanswered_idx" ON "witnesses" USING btree ("witness_id","id" DESC NULLS LAST) WHERE has_confirmed is null;--> statement-breakpoint
CREATE INDEX "invitations_invited_by_idx" ON "invitations" USING btree ("invited_by","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "invitations_email_idx" ON "invitations" USING btree ("email") WHERE email is not null;--> statement-breakpoint
CREATE INDEX "invitations_newest_idx" ON "invitations" USING btree ("id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "invitations_unused_idx" ON "invitations" USING btree ("expires_at") WHERE accepted_at is null;--> statement-breakpoint
CREATE INDEX "recovery_codes_user_id_idx" ON "recovery_codes" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "digests_due_at_idx" ON "digests" USING btree ("due_at");--> statement-breakpoint
CREATE INDEX "notifications_feed_idx" ON "notifications" USING btree ("user_id","id" DESC NULLS LAST) WHERE in_feed;--> statement-breakpoint
CREATE INDEX "notifications_unread_idx" ON "notifications" USING btree ("user_id","id" DESC NULLS LAST) WHERE in_feed and read_at is null;--> statement-breakpoint
CREATE INDEX "notifications_mail_idx" ON "notifications" USING btree ("user_id","id") WHERE for_mail and read_at is null;--> statement-breakpoint
CREATE INDEX "notifications_push_idx" ON "notifications" USING btree ("push_due_at") WHERE push_due_at is not null;--> statement-breakpoint
CREATE INDEX "notifications_new_idx" ON "notifications" USING btree ("id") WHERE is_new;--> statement-breakpoint
CREATE INDEX "notifications_user_id_idx" ON "notifications" USING btree ("user_id","id");--> statement-breakpoint
CREATE INDEX "notifications_created_at_idx" ON "notifications" USING btree ("created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "push_subscriptions_endpoint_key" ON "push_subscriptions" USING btree ("endpoint_hash");--> statement-breakpoint
CREATE INDEX "push_subscriptions_user_id_idx" ON "push_subscriptions" USING btree ("user_id","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "push_subscriptions_session_id_idx" ON "push_subscriptions" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "proof_roots_key_id_idx" ON "proof_roots" USING btree ("key_id");--> statement-breakpoint
CREATE INDEX "proof_roots_unstored_idx" ON "proof_roots" USING btree ("number") WHERE stored_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "reports_one_open_key" ON "reports" USING btree ("reporter_id","target_type","target_id") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "reports_status_idx" ON "reports" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "reports_target_type_idx" ON "reports" USING btree ("target_type","id");--> statement-breakpoint
CREATE INDEX "reports_reason_idx" ON "reports" USING btree ("reason","id");--> statement-breakpoint
CREATE INDEX "reports_target_id_idx" ON "reports" USING btree ("target_id","id");--> statement-breakpoint
CREATE INDEX "reports_reporter_id_idx" ON "reports" USING btree ("reporter_id","created_at");--> statement-breakpoint
CREATE INDEX "reports_target_owner_id_idx" ON "reports" USING btree ("target_owner_id");--> statement-breakpoint
CREATE INDEX "reports_resolved_by_idx" ON "reports" USING btree ("resolved_by");--> statement-breakpoint
CREATE INDEX "reports_resolved_at_idx" ON "reports" USING btree ("resolved_at");--> statement-breakpoint
CREATE INDEX "login_addresses_user_id_idx" ON "login_addresses" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "login_addresses_last_used_at_idx" ON "login_addresses" USING btree ("last_used_at");--> statement-breakpoint
CREATE INDEX "login_failures_forget_at_idx" ON "login_failures" USING btree ("forget_at");--> statement-breakpoint
CREATE INDEX "password_resets_user_id_idx" ON "password_resets" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "password_resets_address_hash_idx" ON "password_resets" USING btree ("address_hash","created_at");--> statement-breakpoint
CREATE INDEX "password_resets_expires_at_idx" ON "password_resets" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "refresh_tokens_family_id_idx" ON "refresh_tokens" USING btree ("family_id","created_at");--> statement-breakpoint
CREATE INDEX "refresh_tokens_user_id_idx" ON "refresh_tokens" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "refresh_tokens_expires_at_idx" ON "refresh_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "sessions_open_idx" ON "sessions" USING btree ("user_id","id" DESC NULLS LAST) WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "sessions_user_id_idx" ON "sessions" USING btree ("user_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "sessions_last_used_at_idx" ON "sessions" USING btree ("last_used_at");--> statement-breakpoint
CREATE UNIQUE INDEX "skills_name_key" ON "skills" USING btree (lower("name"));--> statement-breakpoint
CREATE INDEX "skills_category_idx" ON "skills" USING btree ("category",lower("name"));--> statement-breakpoint
CREATE INDEX "comments_task_id_idx" ON "comments" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "comments_contribution_id_idx" ON "comments" USING btree ("contribution_id","id");--> statement-breakpoint
CREATE INDEX "comments_author_id_idx" ON "comments" USING btree ("author_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "task_assignments_one_open_key" ON "task_assignments" USING btree ("task_id","user_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "task_assignments_open_idx" ON "task_assignments" USING btree ("user_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "task_assignments_expiry_idx" ON "task_assignments" USING btree ("claim_expires_at") WHERE ended_at is null and started_at is null;--> statement-breakpoint
CREATE INDEX "task_assignments_reminder_idx" ON "task_assignments" USING btree ("remind_at") WHERE remind_at is not null and ended_at is null and started_at is null;--> statement-breakpoint
CREATE INDEX "task_assignments_absent_idx" ON "task_assignments" USING btree ("user_id","marked_at") WHERE was_present = false;--> statement-breakpoint
CREATE INDEX "task_assignments_task_id_idx" ON "task_assignments" USING btree ("task_id","id");--> statement-breakpoint
CREATE INDEX "task_assignments_user_id_idx" ON "task_assignments" USING btree ("user_id","task_id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "task_assignments_assigned_by_idx" ON "task_assignments" USING btree ("assigned_by","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "task_skills_skill_id_idx" ON "task_skills" USING btree ("skill_id","task_id" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "tasks_repeat_of_key" ON "tasks" USING btree ("repeat_of");--> statement-breakpoint
CREATE INDEX "tasks_newest_idx" ON "tasks" USING btree ("id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "tasks_status_idx" ON "tasks" USING btree ("status","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "tasks_difficulty_idx" ON "tasks" USING btree ("difficulty","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "tasks_creator_id_idx" ON "tasks" USING btree ("creator_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "tasks_assignee_id_idx" ON "tasks" USING btree ("assignee_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "tasks_changes_idx" ON "tasks" USING btree ("updated_at","id");--> statement-breakpoint
CREATE INDEX "tasks_search_idx" ON "tasks" USING gin ("search");--> statement-breakpoint
CREATE INDEX "former_usernames_owner_id_idx" ON "former_usernames" USING btree ("owner_id","free_at");--> statement-breakpoint
CREATE INDEX "former_usernames_free_at_idx" ON "former_usernames" USING btree ("free_at");--> statement-breakpoint
CREATE INDEX "user_skills_skill_id_idx" ON "user_skills" USING btree ("skill_id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_username_key" ON "users" USING btree (lower("username"));--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "users_admins_idx" ON "users" USING btree ("id") WHERE 'admin' = any(roles);--> statement-breakpoint
CREATE INDEX "users_verifiers_idx" ON "users" USING btree (md5(id::text)) WHERE 'verifier' = any(roles) and deleted_at is null;--> statement-breakpoint
CREATE INDEX "users_by_name_idx" ON "users" USING btree ("username","id") WHERE deleted_at is null;--> statement-breakpoint
CREATE INDEX "users_names_idx" ON "users" USING gin ("names") WHERE deleted_at is null;--> statement-breakpoint
CREATE UNIQUE INDEX "vouches_per_skill_key" ON "vouches" USING btree ("voucher_id","vouchee_id","skill_id") WHERE skill_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "vouches_general_key" ON "vouches" USING btree ("voucher_id","vouchee_id") WHERE skill_id is null;--> statement-breakpoint
CREATE INDEX "vouches_voucher_id_idx" ON "vouches" USING btree ("voucher_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "vouches_vouchee_id_idx" ON "vouches" USING btree ("vouchee_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "vouches_newest_idx" ON "vouches" USING btree ("id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "vouches_skill_id_idx" ON "vouches" USING btree ("skill_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_attempts_event_id_idx" ON "webhook_attempts" USING btree ("event_id","attempted_at");--> statement-breakpoint
CREATE INDEX "webhook_events_unpublished_idx" ON "webhook_events" USING btree ("subject","sequence") WHERE published_at is null;--> statement-breakpoint
CREATE INDEX "webhook_events_pending_idx" ON "webhook_events" USING btree ("created_at") WHERE status = 'pending';--> statement-breakpoint
CREATE INDEX "webhook_events_status_idx" ON "webhook_events" USING btree ("status","created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_newest_idx" ON "webhook_events" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_delivered_at_idx" ON "webhook_events" USING btree ("delivered_at");--> statement-breakpoint
CREATE INDEX "webhook_events_actor_id_idx" ON "webhook_events" USING btree ("actor_id");--> statement-breakpoint
CREATE INDEX "webhook_failures_event_id_idx" ON "webhook_failures" USING btree ("event_id");--> statement-breakpoint
CREATE INDEX "webhook_failures_newest_idx" ON "webhook_failures" USING btree ("id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_failures_failed_at_idx" ON "webhook_failures" USING btree ("failed_at");--> statement-breakpoint
CREATE INDEX "webhook_failures_waiting_idx" ON "webhook_failures" USING btree ("id" DESC NULLS LAST) WHERE redriven_at is null;--> statement-breakpoint
CREATE INDEX "webhook_failures_redriven_idx" ON "webhook_failures" USING btree ("id" DESC NULLS LAST) WHERE redriven_at is not null;--> statement-breakpoint
CREATE INDEX "audit_log_newest_idx" ON "audit_log" USING btree ("id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_log_actor_id_idx" ON "audit_log" USING btree ("actor_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_log_target_idx" ON "audit_log" USING btree ("target_type","target_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_log_target_id_idx" ON "audit_log" USING btree ("target_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_log_action_idx" ON "audit_log" USING btree ("action","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "idempotency_keys_expires_at_idx" ON "idempotency_keys" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "idempotency_keys_subject_id_idx" ON "idempotency_keys" USING btree ("subject_id") WHERE subject_id is not null;--> statement-breakpoint
CREATE INDEX "quotas_expires_at_idx" ON "quotas" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "releases_unfinished_key" ON "releases" USING btree ((finished_at is null)) WHERE finished_at is null;--> statement-breakpoint
CREATE INDEX "releases_newest_idx" ON "releases" USING btree ("id" DESC NULLS LAST);