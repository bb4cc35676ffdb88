ALTER TABLE "webhook_failures" ALTER COLUMN "event_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "webhook_failures" ADD COLUMN "queue" text;--> statement-breakpoint
ALTER TABLE "webhook_failures" ADD COLUMN "body" text;--> statement-breakpoint
ALTER TABLE "webhook_failures" ADD COLUMN "letter_id" text;--> statement-breakpoint
ALTER TABLE "webhook_failures" ADD CONSTRAINT "webhook_failures_letter_id_key" UNIQUE("letter_id");--> statement-breakpoint
ALTER TABLE "webhook_failures" ADD CONSTRAINT "webhook_failures_about_rule" CHECK (event_id is not null or (queue is not null and body is not null));