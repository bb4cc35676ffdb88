import { expect, test } from "vitest";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });

test("autovacuum of the outbox starts when 1 % of its rows have changed; pages of the sequence counters are filled to 90 %", async () => {
  const rows = await platform.sql`
    select relname, reloptions from pg_class where relname in ('webhook_events', 'event_subjects') order by relname`;
  expect(rows).toMatchObject([
    { relname: "event_subjects", reloptions: expect.arrayContaining(["fillfactor=90"]) },
    { relname: "webhook_events", reloptions: expect.arrayContaining(["autovacuum_vacuum_scale_factor=0.01"]) },
  ]);
});
