import { Hono, type MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import { AppError } from "@gotong/core/error.ts";
import { limitBody, onlyJson } from "./middleware/body.ts";
import { context } from "./middleware/context.ts";
import { onError, problem } from "./middleware/problem.ts";
import { auth } from "./routes/auth.ts";
import { contributions } from "./routes/contributions.ts";
import { evidence } from "./routes/evidence.ts";
import { operations } from "./routes/operations.ts";
import { tasks } from "./routes/tasks.ts";
import { me, users } from "./routes/users.ts";

/** The whole API. It knows neither Lambda nor any server; `lambda.ts` and `serve.ts` put it behind one. */
export function createApp(): Hono {
  const app = new Hono();
  app.use(context, secureHeaders(), noStore, limitBody, onlyJson);
  app.route("/", operations);
  app.route("/v1/auth", auth);
  app.route("/v1/me", me);
  app.route("/v1/users", users);
  app.route("/v1/tasks", tasks);
  app.route("/v1/contributions", contributions);
  app.route("/v1/evidence", evidence);
  app.notFound((c) => problem(c, new AppError("NOT_FOUND")));
  app.onError(onError);
  return app;
}

/** Answers are for their caller alone: no cache between keeps them unless a route says otherwise. */
const noStore: MiddlewareHandler = async (c, next) => {
  await next();
  if (!c.res.headers.has("cache-control")) c.header("cache-control", "no-store");
};
