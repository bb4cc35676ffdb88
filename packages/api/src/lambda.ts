import { handle } from "hono/aws-lambda";
import { Config } from "@gotong/core/platform/config.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { createApp } from "./app.ts";
import { SECTIONS } from "./sections.ts";

Config.check(SECTIONS);
Log.identify("api", Config.section("service").STAGE);
Metrics.forLambda();
const app = createApp();
// The first touch of Request and Response costs tens of milliseconds: better while the function starts than in a request.
await app.request("/live");

const answer = handle(app);

/** Nobody scrapes a function: its numbers leave with each answer. */
export const handler: typeof answer = async (event, context) => {
  try {
    return await answer(event, context);
  } finally {
    Metrics.flush();
  }
};
