// The API in its own process, which kills itself when a response is ready but not sent: the client sees a closed
// connection. Sends its port to the parent process.
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
