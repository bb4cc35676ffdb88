import { expect, test } from "vitest";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });

test("the outbox is vacuumed after one per cent of its rows has changed, and its counters have free space in their pages", async () => {
  const rows = await platform.sql`
    select relname, reloptions from pg_class where relname in ('webhook_events', 'event_subjects') order by relname`;
  expect(rows).toMatchObject([
    { relname: "event_subjects", reloptions: expect.arrayContaining(["fillfactor=90"]) },
    { relname: "webhook_events", reloptions: expect.arrayContaining(["autovacuum_vacuum_scale_factor=0.01"]) },
  ]);
});
