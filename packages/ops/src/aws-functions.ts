import { Characters } from "@gotong/core/platform/characters.ts";
import { assertNoConnectionInUse } from "@gotong/core/platform/db/scope.ts";
import { type Concurrency, type Functions, ThrottledError } from "./stage.ts";

/**
 * Timeout of an invocation: a step takes twenty seconds, a resuming database fifteen seconds more, a migration up to
 * fifteen minutes.
 */
const TIMEOUT_MS = 15.5 * 60_000;

/**
 * Returns a client of Lambda, with the region and the credentials of the environment (`AWS_REGION`, `AWS_PROFILE`,
 * …).
 */
export async function awsFunctions(): Promise<Functions> {
  const sdk = await import("@aws-sdk/client-lambda");
  // Disables the SDK's retries, which would repeat an invocation whose response was lost.
  const client = new sdk.LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: TIMEOUT_MS } });
  return {
    async invoke(functionName, payload) {
      assertNoConnectionInUse("lambda");
      const command = new sdk.InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(payload) });
      const answer = await client.send(command).catch((error: unknown) => {
        throw explained(functionName, error);
      });
      const text = Buffer.from(answer.Payload ?? []).toString();
      if (answer.FunctionError !== undefined)
        throw new Error(`the function ${functionName} failed: ${Characters.cut(text, 2000)}`);
      return JSON.parse(text);
    },
  };
}

function explained(functionName: string, error: unknown): Error {
  const name = error instanceof Error ? error.name : "";
  if (name === "TooManyRequestsException")
    return new ThrottledError(`Lambda does not start ${functionName}: too many functions run at once`, {
      cause: error,
    });
  if (name === "ResourceNotFoundException")
    return new Error(
      `there is no function ${functionName}: is the stage deployed, and are AWS_REGION and the account the right ones?`,
      { cause: error },
    );
  if (name === "AccessDeniedException")
    return new Error(`you may not invoke ${functionName}: it needs lambda:InvokeFunction`, { cause: error });
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * Returns a client for the reserved concurrency of the account's functions. It needs `lambda:GetFunctionConcurrency`,
 * `PutFunctionConcurrency` and `DeleteFunctionConcurrency`.
 */
export async function awsConcurrency(): Promise<Concurrency> {
  const sdk = await import("@aws-sdk/client-lambda");
  const client = new sdk.LambdaClient();
  return {
    async reserved(FunctionName) {
      assertNoConnectionInUse("lambda");
      const answer = await client.send(new sdk.GetFunctionConcurrencyCommand({ FunctionName }));
      return answer.ReservedConcurrentExecutions;
    },
    async reserve(FunctionName, most) {
      assertNoConnectionInUse("lambda");
      if (most === undefined) await client.send(new sdk.DeleteFunctionConcurrencyCommand({ FunctionName }));
      else
        await client.send(new sdk.PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: most }));
    },
  };
}
