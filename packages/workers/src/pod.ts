import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { untilStopped } from "@gotong/core/platform/process.ts";
import { serveOperations } from "./operations.ts";
import { SECTIONS } from "./sections.ts";
import { startWorkers } from "./workers.ts";

await untilStopped([...new Set(Object.values(SECTIONS).flat())], async () => {
  Log.identify("workers", Config.section("service").STAGE);
  Log.batch();
  const operations = await serveOperations();
  const stopWorkers = startWorkers();
  Log.info("working", { port: operations.port });
  return async () => {
    operations.drain();
    await stopWorkers();
    await operations.close();
    await Db.close();
    await Cache.close();
  };
});
