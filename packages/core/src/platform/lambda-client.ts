import { Config } from "./config.ts";
import { assertNoConnectionInUse } from "./db/scope.ts";
import { lazy } from "./lazy.ts";

/** One client for all calls: each new one would open a connection of its own. */
const loaded = lazy(async () => {
  const sdk = await import("@aws-sdk/client-lambda");
  return { sdk, client: new sdk.LambdaClient({ region: Config.section("queue").AWS_REGION }) };
});

/**
 * The SDK of Lambda and its client, loaded at the first call.
 * @param call names the outside call in errors and metrics
 * @throws Error while a database connection is in use
 */
export async function lambda(call: "lambda" | "delivery_switch"): ReturnType<typeof loaded> {
  assertNoConnectionInUse(call);
  return loaded();
}
