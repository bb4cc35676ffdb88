// Signing and POST alone, 64 at once: what no queue can beat.
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
