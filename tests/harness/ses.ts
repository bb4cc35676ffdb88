import { createServer } from "node:http";

/** Answer of the SES double: accepted, or one of SES's errors with its status. */
type SesAnswer = "taken" | { readonly status: number; readonly error: string };

export interface Ses {
  readonly url: string;
  /** The bodies of all requests, as they came. */
  readonly received: string[];
  /** The answer from now on. */
  answer: SesAnswer;
  stop(): Promise<void>;
}

/** Starts a double of SES on the loopback, and gives this process credentials to sign with. */
export async function startSes(): Promise<Ses> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      ses.received.push(body);
      const { answer } = ses;
      if (answer === "taken") response.writeHead(200, { "content-type": "application/json" }).end('{"MessageId":"1"}');
      else
        response
          .writeHead(answer.status, { "content-type": "application/json", "x-amzn-errortype": answer.error })
          .end(JSON.stringify({ message: answer.error }));
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
