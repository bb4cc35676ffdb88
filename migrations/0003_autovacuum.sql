-- Each event is written once, updated two or three times (published, delivered) and removed after 30 days. By default autovacuum comes once
-- a fifth of a table has changed: after 400,000 of 2,000,000 events. The indexes of what is unpublished or pending, which
-- each sweep reads, would have as many dead entries.
ALTER TABLE "webhook_events" SET (
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 1000,
  autovacuum_vacuum_insert_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.02
);
--> statement-breakpoint
-- The counter is in no index, so that its update stays in the row's page if there is room (HOT).
ALTER TABLE "event_subjects" SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 1000);
