CREATE INDEX "evidence_created_at_idx" ON "evidence" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "uploads_created_at_idx" ON "uploads" USING btree ("created_at");