import * as v from "valibot";
import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { assertNoConnectionInUse } from "../db/scope.ts";
import { sendOverNetwork } from "../http-client/index.ts";
import { Random } from "../random.ts";
import { credentialsOf } from "./credentials.ts";
import { sign } from "./signer.ts";

/** Attempts and the first delay between them, as in the standard retry mode of the AWS SDKs. */
const ATTEMPTS = 3;
const FIRST_DELAY_MS = 100;
const TIMEOUT_MS = 10_000;
/** Maximum size of a response: ten messages have at most 1 MiB together, and JSON may escape each byte as six. */
const RESPONSE_LIMIT_BYTES = 8 * 1024 * 1024;

interface Options {
  /** Seconds for which SQS may wait before it responds; default 0. */
  readonly waitSeconds?: number;
  readonly signal?: AbortSignal | undefined;
}

/** Calls an operation of SQS. @throws SqsError if SQS rejects the call; Error with a network error's code as its message */
export type SqsCall = (operation: string, input: object, options?: Options) => Promise<unknown>;

/** An error response of SQS. Its name is the type of the error, such as `QueueDoesNotExist`. */
class SqsError extends Error {
  readonly status: number;
  constructor(operation: string, status: number, type: string) {
    super(`SQS refused ${operation} with ${status} ${type}`);
    this.name = type;
    this.status = status;
  }
}

const ErrorBody = v.pipe(v.string(), v.parseJson(), v.object({ __type: v.string() }));

/**
 * The operations of SQS as signed HTTP requests in its JSON protocol (docs.aws.amazon.com, "Making Query API requests
 * using the AWS JSON protocol"). A call through the SDK took more CPU time than the API request that sent the message
 * (docs/adr/0044).
 */
export function sqsClient(): SqsCall {
  const { AWS_REGION: region } = Config.section("queue");
  const url = new URL(endpointOf());
  const credentials = credentialsOf();
  const send = async (operation: string, body: string, { waitSeconds = 0, signal }: Options): Promise<unknown> => {
    const headers = {
      Host: url.host,
      "Content-Type": "application/x-amz-json-1.0",
      "X-Amz-Target": `AmazonSQS.${operation}`,
    };
    const unsigned = { method: "POST", path: url.pathname, service: "sqs", region, headers, body };
    const signed = sign(unsigned, await credentials());
    const response = await sendOverNetwork({
      method: "POST",
      url,
      headers: signed.headers ?? headers,
      body,
      timeoutMs: waitSeconds * 1000 + TIMEOUT_MS,
      responseLimitBytes: RESPONSE_LIMIT_BYTES,
      ...(signal ? { signal } : {}),
    });
    if (response.status !== 200) throw new SqsError(operation, response.status, errorType(response.body));
    return response.body === "" ? {} : JSON.parse(response.body);
  };
  return async (operation, input, options = {}) => {
    assertNoConnectionInUse("queue");
    const body = JSON.stringify(input);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await send(operation, body, options);
      } catch (error) {
        if (attempt === ATTEMPTS || options.signal?.aborted === true || !isTransient(error)) throw error;
      }
      await Clock.sleep(Random.fraction() * FIRST_DELAY_MS * 2 ** attempt);
    }
  };
}

/** Whether a retry may help: SQS did not respond, failed, or throttled the call. */
const isTransient = (error: unknown) =>
  !(error instanceof SqsError) || error.status >= 500 || error.status === 429 || /Throttl/.test(error.name);

/** The type of an error without its namespace, such as `QueueDoesNotExist` of `com.amazonaws.sqs#QueueDoesNotExist`. */
function errorType(body: string): string {
  const parsed = v.safeParse(ErrorBody, body);
  if (!parsed.success) return "UnknownError";
  const { __type: type } = parsed.output;
  return /\w+$/.exec(type)?.[0] ?? "UnknownError";
}

/**
 * The endpoint of SQS. The configured endpoint decides, not the host in the queue's URL: a tenant stage reaches SQS over IPv6, development over loopback.
 */
export function endpointOf(): string {
  const { SQS_ENDPOINT, AWS_REGION, AWS_USE_DUALSTACK_ENDPOINT } = Config.section("queue");
  if (SQS_ENDPOINT !== undefined) return SQS_ENDPOINT;
  return `https://sqs.${AWS_REGION}.${AWS_USE_DUALSTACK_ENDPOINT === "true" ? "api.aws" : "amazonaws.com"}/`;
}
