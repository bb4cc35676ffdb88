CREATE TABLE "login_failures" (
	"key" text PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"locked_until" timestamp with time zone,
	"forget_at" timestamp with time zone NOT NULL,
	CONSTRAINT "login_failures_key_rule" CHECK (key ~ '^[0-9a-f]{64}$'),
	CONSTRAINT "login_failures_failures_rule" CHECK (failures > 0)
);
--> statement-breakpoint
ALTER TABLE "webhook_events" ADD COLUMN "redrives" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "evidence" ADD COLUMN "picture_hash" text;--> statement-breakpoint
CREATE INDEX "login_failures_forget_at_idx" ON "login_failures" USING btree ("forget_at");--> statement-breakpoint
CREATE INDEX "audit_log_target_id_idx" ON "audit_log" USING btree ("target_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "audit_log_action_idx" ON "audit_log" USING btree ("action","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_events_newest_idx" ON "webhook_events" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "webhook_failures_waiting_idx" ON "webhook_failures" USING btree ("id" DESC NULLS LAST) WHERE redriven_at is null;--> statement-breakpoint
CREATE INDEX "webhook_failures_redriven_idx" ON "webhook_failures" USING btree ("id" DESC NULLS LAST) WHERE redriven_at is not null;--> statement-breakpoint
CREATE INDEX "evidence_readings_idx" ON "evidence" USING btree ("submitted_by","claimed_at") WHERE evidence_type = 'gps_verification';--> statement-breakpoint
CREATE INDEX "evidence_picture_bands_idx" ON "evidence" USING gin ((array['0' || substr(picture_hash, 1, 2), '1' || substr(picture_hash, 3, 2), '2' || substr(picture_hash, 5, 2), '3' || substr(picture_hash, 7, 2), '4' || substr(picture_hash, 9, 2), '5' || substr(picture_hash, 11, 2), '6' || substr(picture_hash, 13, 2), '7' || substr(picture_hash, 15, 2)])) WHERE picture_hash is not null;--> statement-breakpoint
CREATE INDEX "skills_category_idx" ON "skills" USING btree ("category",lower("name"));--> statement-breakpoint
CREATE INDEX "users_admins_idx" ON "users" USING btree ("id") WHERE 'admin' = any(roles);--> statement-breakpoint
CREATE INDEX "vouches_voucher_id_idx" ON "vouches" USING btree ("voucher_id","id" DESC NULLS LAST);--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_picture_hash_rule" CHECK (picture_hash ~ '^[0-9a-f]{16}$');