import { createServer } from "node:http";

/** The response of the SES double: `taken` (accepted), or an SES error with its status. */
type SesAnswer = "taken" | { readonly status: number; readonly error: string };

export interface Ses {
  readonly url: string;
  /** The unparsed bodies of all requests. */
  readonly received: string[];
  /** The response to all requests from now on. */
  answer: SesAnswer;
  /** Delay of the response. */
  delayMs: number;
  stop(): Promise<void>;
}

/** Starts a double of SES on loopback, and gives this process credentials with which it signs requests. */
export async function startSes(): Promise<Ses> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      ses.received.push(body);
      setTimeout(() => {
        const { answer } = ses;
        const [status, type, json] =
          answer === "taken"
            ? ([200, undefined, { MessageId: "1" }] as const)
            : ([answer.status, answer.error, { message: answer.error }] as const);
        response
          .writeHead(status, { "content-type": "application/json", ...(type ? { "x-amzn-errortype": type } : {}) })
          .end(JSON.stringify(json));
      }, ses.delayMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const before = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map((name) => [name, process.env[name]] as const);
  for (const [name] of before) process.env[name] = "test";
  const ses: Ses = {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    received: [],
    answer: "taken",
    delayMs: 0,
    stop: async () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return ses;
}
