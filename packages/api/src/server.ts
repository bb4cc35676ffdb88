import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { untilStopped } from "@gotong/core/platform/process.ts";
import { SECTIONS } from "./sections.ts";
import { serve } from "./serve.ts";

await untilStopped(SECTIONS, async () => {
  Log.identify("api", Config.section("service").STAGE);
  Log.batch();
  const server = await serve();
  Log.info("listening", { port: server.port });
  return async () => {
    await server.close();
    await Db.close();
    await Cache.close();
  };
});
