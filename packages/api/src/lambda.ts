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
// The first use of Request and Response costs tens of milliseconds, so it is done during initialisation instead of in a request.
await app.request("/live");

const handleEvent = handle(app);

/** The Lambda handler. Flushes the metrics with each response, since a function cannot be scraped. */
export const handler: typeof handleEvent = async (event, context) => {
  try {
    return await handleEvent(event, context);
  } finally {
    Metrics.flush();
  }
};
