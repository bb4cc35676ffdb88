import { handle } from "hono/aws-lambda";
import { Config } from "@gotong/core/config.ts";
import { Log } from "@gotong/core/log.ts";
import { createApp } from "./app.ts";
import { SECTIONS } from "./sections.ts";

Config.check(SECTIONS);
Log.identify("api", Config.section("service").STAGE);
const app = createApp();
// The first touch of Request and Response costs tens of milliseconds: better while the function starts than in a request.
await app.request("/live");

export const handler = handle(app);
