ALTER TABLE "uploads" DROP CONSTRAINT "uploads_size_bytes_rule";--> statement-breakpoint
ALTER TABLE "tasks" DROP CONSTRAINT "tasks_metadata_rule";--> statement-breakpoint
ALTER TABLE "evidence" DROP CONSTRAINT "evidence_upload_id_uploads_id_fk";
--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_owner_key" UNIQUE("id","contribution_id","user_id");--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_upload_fk" FOREIGN KEY ("upload_id","contribution_id","submitted_by") REFERENCES "public"."uploads"("id","contribution_id","user_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "contributions" ADD CONSTRAINT "contributions_metadata_rule" CHECK (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 1048576);--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_measures_rule" CHECK (accuracy_meters between 0 and 100000 and altitude_meters between -1000 and 100000 and speed_mps between 0 and 20000);--> statement-breakpoint
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_data_rule" CHECK (jsonb_typeof(evidence_data) = 'object' and octet_length(evidence_data::text) <= 1048576);--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_content_type_rule" CHECK (content_type in ('image/jpeg', 'image/png', 'image/webp', 'image/heic', 'application/pdf', 'video/mp4'));--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_size_bytes_rule" CHECK (case content_type when 'image/jpeg' then size_bytes between 51200 and 10485760 when 'image/png' then size_bytes between 51200 and 10485760 when 'image/webp' then size_bytes between 51200 and 10485760 when 'image/heic' then size_bytes between 51200 and 15728640 when 'application/pdf' then size_bytes between 10240 and 26214400 when 'video/mp4' then size_bytes between 102400 and 104857600 end);--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_metadata_rule" CHECK (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 1048576);