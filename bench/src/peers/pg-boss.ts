// Uses pg-boss on PostgreSQL as its documentation shows it, in batches of 64 jobs.
import { PgBoss } from "pg-boss";
import { serve } from "./delivery-peer.ts";
import { eventOf, signAndPost } from "./sign-and-post.ts";

const boss = new PgBoss({ connectionString: process.env["DATABASE_URL"] ?? "" });
boss.on("error", (error) => process.stderr.write(`${String(error)}\n`));
await boss.start();
await boss.createQueue("events");
const CHUNK = 1_000;

serve({
  fill: async (events) => {
    for (let from = 0; from < events; from += CHUNK) {
      const size = Math.min(CHUNK, events - from);
      await boss.insert(
        "events",
        Array.from({ length: size }, (_, index) => ({ data: { body: eventOf(from + index) } })),
      );
    }
  },
  deliver: async (events) => {
    let done = 0;
    while (done < events) {
      const jobs = await boss.fetch<{ readonly body: string }>("events", { batchSize: 64 });
      await Promise.all(jobs.map(({ data }) => signAndPost(data.body)));
      await boss.complete(
        "events",
        jobs.map(({ id }) => id),
      );
      done += jobs.length;
    }
  },
});
