import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { lazy } from "@gotong/core/platform/lazy.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { untilStopped } from "@gotong/core/platform/process.ts";
import type { Site } from "./http/site.ts";
import { SECTIONS } from "./sections.ts";
import { serve } from "./serve.ts";

const site = lazy(() => import("./http/site.ts"));

/** The web app for browsers; undefined if this process serves only the API. */
async function siteOf(): Promise<Site | undefined> {
  const directory = Config.section("http").APP_DIR;
  if (directory === undefined) return undefined;
  const { createSite } = await site();
  const { S3_PUBLIC_ENDPOINT, S3_ENDPOINT, S3_BUCKET, AWS_REGION } = Config.section("storage");
  const storage = S3_PUBLIC_ENDPOINT ?? S3_ENDPOINT ?? `https://${S3_BUCKET}.s3.${AWS_REGION}.amazonaws.com`;
  return createSite({ directory, storageOrigin: new URL(storage).origin });
}

await untilStopped(SECTIONS, async () => {
  Log.identify("api", Config.section("service").STAGE);
  Log.batch();
  const server = await serve(await siteOf());
  Log.info("listening", { port: server.port });
  return async () => {
    await server.close();
    await Db.close();
    await Cache.close();
  };
});
