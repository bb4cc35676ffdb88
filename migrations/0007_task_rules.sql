ALTER TABLE "tasks" DROP CONSTRAINT "tasks_metadata_rule";--> statement-breakpoint
ALTER TABLE "tasks" ADD CONSTRAINT "tasks_metadata_rule" CHECK (jsonb_typeof(metadata) = 'object' and octet_length(metadata::text) <= 1048576);
