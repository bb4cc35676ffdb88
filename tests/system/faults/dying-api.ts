// The API in a process of its own that dies without a word when its answer is ready and not sent: what a client sees of that is
// a connection that closes. Says its port on the channel to the parent.
import { serve } from "@hono/node-server";
import { createApp } from "@gotong/api/app.ts";

const app = createApp();
serve(
  {
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request, env) => {
      const isLast = request.headers.has("x-test-die-before-answer");
      const answer = await app.fetch(request, env);
      if (isLast) process.kill(process.pid, "SIGKILL");
      return answer;
    },
  },
  ({ port }) => process.send?.(port),
);
