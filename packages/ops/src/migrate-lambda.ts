import { join } from "node:path";
import { Config } from "@gotong/core/platform/config.ts";
import { migrate } from "@gotong/core/platform/db/index.ts";

Config.check(["service", "database"]);

/** Applies the migrations packaged with the function. A release invokes it before it deploys code that needs them. */
export async function handler(): Promise<{ readonly applied: readonly string[] }> {
  const folder = join(process.env["LAMBDA_TASK_ROOT"] ?? ".", "migrations");
  return { applied: await migrate(Config.section("database").DATABASE_URL, folder) };
}
