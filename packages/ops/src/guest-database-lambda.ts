import * as v from "valibot";
import { Config } from "@gotong/core/platform/config.ts";
import { dropDatabase, ensureDatabase } from "@gotong/core/platform/db/index.ts";

Config.check(["service", "database"]);

/**
 * The part of the event that Pulumi adds if an invocation follows the lifecycle of its resource
 * (aws.lambda.Invocation, lifecycleScope).
 */
const Event = v.object({ tf: v.object({ action: v.picklist(["create", "update", "delete"]) }) });

/** Creates the database and the user of a preview in the cluster of `dev`, or drops them. Both actions are idempotent. */
export async function handler(event: unknown): Promise<{ readonly database: string }> {
  const { tf } = v.parse(Event, event);
  const { DATABASE_URL, DATABASE_ADMIN_URL } = Config.section("database");
  if (DATABASE_ADMIN_URL === undefined) throw new Config.ConfigError(["DATABASE_ADMIN_URL is not set"]);
  const work = tf.action === "delete" ? dropDatabase : ensureDatabase;
  return { database: await work(DATABASE_ADMIN_URL, DATABASE_URL) };
}
