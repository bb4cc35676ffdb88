import { join } from "node:path";
import { Config } from "@gotong/core/platform/config.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { untilStopped } from "@gotong/core/platform/process.ts";
import { LOCAL_DIR } from "../paths.ts";
import { startMarkov } from "./server.ts";

/** Runs the Markov double as a separate process (compose.yaml), with the same secrets and token as its callers. */
await untilStopped(["service", "webhook", "reputation"], async () => {
  const { STAGE, HOST, PORT } = Config.section("service");
  Log.identify("markov-double", STAGE);
  const webhook = Config.section("webhook");
  const secrets = [webhook.GOTONG_ROYONG_WEBHOOK_SECRET, webhook.GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS];
  const double = await startMarkov({
    port: PORT,
    host: HOST,
    secrets: secrets.filter((secret) => secret !== undefined),
    token: Config.section("reputation").MARKOV_API_TOKEN,
    stateFile: join(LOCAL_DIR, "markov.jsonl"),
  });
  Log.info("listening", { port: Number(new URL(double.url).port) });
  return double.stop;
});
