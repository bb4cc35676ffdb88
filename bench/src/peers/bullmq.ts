// Uses BullMQ on Redis as its documentation shows it, 64 jobs at once.
import { Queue, Worker } from "bullmq";
import { serve } from "./delivery-peer.ts";
import { eventOf, signAndPost } from "./sign-and-post.ts";

const connection = { url: process.env["REDIS_URL"] ?? "", maxRetriesPerRequest: null };
const queue = new Queue<{ readonly body: string }>("events", { connection });
const CHUNK = 1_000;

serve({
  fill: async (events) => {
    for (let from = 0; from < events; from += CHUNK) {
      const size = Math.min(CHUNK, events - from);
      await queue.addBulk(
        Array.from({ length: size }, (_, index) => ({
          name: "event",
          data: { body: eventOf(from + index) },
          opts: { attempts: 12, removeOnComplete: true },
        })),
      );
    }
  },
  deliver: async (events) => {
    let done = 0;
    const work = ({ data }: { readonly data: { readonly body: string } }) => signAndPost(data.body);
    const worker = new Worker<{ readonly body: string }>("events", work, { connection, concurrency: 64 });
    await new Promise<void>((resolve) => {
      worker.on("completed", () => {
        done += 1;
        if (done === events) resolve();
      });
    });
    await worker.close();
  },
});
