// Only signs and posts events, 64 at once: the upper limit for any queue.
import { serve } from "./delivery-peer.ts";
import { eventOf, signAndPost } from "./sign-and-post.ts";

serve({
  fill: async () => undefined,
  deliver: async (events) => {
    let next = 0;
    const sender = async () => {
      while (next < events) await signAndPost(eventOf((next += 1)));
    };
    await Promise.all(Array.from({ length: 64 }, sender));
  },
});
