import { once } from "node:events";
import { type ServerResponse, createServer } from "node:http";

type Handler = (event: unknown) => Promise<unknown>;

/**
 * A double of AWS Lambda's `Invoke` that speaks its REST protocol. Supports functions by name, throttling, and functions that crash.
 */
export class LambdaFake {
  readonly functions = new Map<string, Handler>();
  /** The events with which functions were invoked, in order. */
  readonly invoked: { readonly name: string; readonly event: unknown }[] = [];
  /** How many of the next calls are throttled. */
  throttles = 0;
  /** How many of the next calls lose their response, although the function runs. */
  lostAnswers = 0;
  readonly #server = createServer((request, response) => {
    const name = /^\/2015-03-31\/functions\/([^/]+)\/invocations/.exec(request.url ?? "")?.[1];
    const handler = name === undefined ? undefined : this.functions.get(decodeURIComponent(name));
    const chunks: Buffer[] = [];
    const refuse = (status: number, type: string, Message: string) =>
      response.writeHead(status, { "x-amzn-errortype": type }).end(JSON.stringify({ Type: "User", Message }));
    request.on("data", (chunk: Buffer) => void chunks.push(chunk));
    request.on("end", () => {
      if (name === undefined || !handler) return void refuse(404, "ResourceNotFoundException", "Function not found");
      if (this.throttles > 0) {
        this.throttles -= 1;
        return void refuse(429, "TooManyRequestsException", "Rate exceeded");
      }
      const event: unknown = JSON.parse(Buffer.concat(chunks).toString());
      this.invoked.push({ name, event });
      void this.#answer(handler, event, response);
    });
  });

  async #answer(handler: Handler, event: unknown, response: ServerResponse): Promise<void> {
    let body: unknown;
    const headers: Record<string, string> = {};
    try {
      body = await handler(event);
    } catch (error) {
      body = { errorMessage: String(error), errorType: "Error" };
      headers["x-amz-function-error"] = "Unhandled";
    }
    if (this.lostAnswers === 0) return void response.writeHead(200, headers).end(JSON.stringify(body));
    this.lostAnswers -= 1;
    response.destroy();
  }

  /** Starts the double. @returns the variables with which the SDK of another process finds it */
  async start(): Promise<Record<string, string>> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const address = this.#server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    return {
      AWS_ENDPOINT_URL_LAMBDA: `http://127.0.0.1:${port}`,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local-emulator",
    };
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
