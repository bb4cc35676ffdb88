import { Config } from "@gotong/core/platform/config.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { createApp } from "./app.ts";
import { functionUrl } from "./http/function-url.ts";
import { SECTIONS } from "./sections.ts";

Config.check(SECTIONS);
Log.identify("api", Config.section("service").STAGE);
Metrics.forLambda();
const handle = functionUrl(createApp().fetch);

/** The Lambda handler. Flushes the metrics with each response, since a function cannot be scraped. */
export const handler: typeof handle = async (event) => {
  try {
    return await handle(event);
  } finally {
    Metrics.flush();
  }
};
