-- What was done before the tasks of deleted members were called off with them, and their places taken away.
UPDATE "tasks" SET status = 'cancelled', cancelled_at = now(), updated_at = now() WHERE status = 'open' AND creator_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL);--> statement-breakpoint
UPDATE "tasks" SET location = NULL, latitude = NULL, longitude = NULL WHERE status IN ('cancelled', 'completed') AND (location IS NOT NULL OR latitude IS NOT NULL) AND creator_id IN (SELECT id FROM users WHERE deleted_at IS NOT NULL);
