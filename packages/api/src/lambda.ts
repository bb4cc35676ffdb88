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
// The first use of Request and Response costs tens of milliseconds: do it during initialisation, not in a request.
await app.request("/live");

const handleEvent = handle(app);

/** A function cannot be scraped: its metrics are flushed with each response. */
export const handler: typeof handleEvent = async (event, context) => {
  try {
    return await handleEvent(event, context);
  } finally {
    Metrics.flush();
  }
};
