import { Config } from "./config.ts";
import { assertNoConnectionInUse } from "./db/scope.ts";
import { lazy } from "./lazy.ts";

/** The client, shared by all calls: each new client would open its own connection. */
const loaded = lazy(async () => {
  const sdk = await import("@aws-sdk/client-lambda");
  return { sdk, client: new sdk.LambdaClient({ region: Config.section("queue").AWS_REGION }) };
});

/**
 * The Lambda SDK and its client, loaded at the first call.
 * @param call the name of this kind of call in errors and metrics
 * @throws Error while a database connection is in use
 */
export async function lambda(call: "lambda" | "delivery_switch"): ReturnType<typeof loaded> {
  assertNoConnectionInUse(call);
  return loaded();
}
