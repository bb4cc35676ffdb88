import { expect, test } from "vitest";
import { usePlatform } from "../../harness/platform.ts";

const platform = usePlatform({ workers: false });

test("the outbox is vacuumed after one per cent of its rows has changed, and its counters are updated in their pages", async () => {
  const rows = await platform.sql`
    select relname, reloptions from pg_class where relname in ('webhook_events', 'event_subjects') order by relname`;
  expect(rows).toMatchObject([
    { relname: "event_subjects", reloptions: expect.arrayContaining(["fillfactor=90"]) },
    { relname: "webhook_events", reloptions: expect.arrayContaining(["autovacuum_vacuum_scale_factor=0.01"]) },
  ]);
  await platform.sql`insert into event_subjects (subject, last_sequence) values ('counted', 1)`;
  const before = await place();
  for (let sequence = 2; sequence < 6; sequence += 1)
    await platform.sql`update event_subjects set last_sequence = ${sequence} where subject = 'counted'`;
  expect((await place()).page).toBe(before.page);
});

/** The page of the counter's row. */
async function place() {
  const [row] =
    await platform.sql`select (ctid::text::point)[0]::int as page from event_subjects where subject = 'counted'`;
  return { page: Number(row?.["page"]) };
}
