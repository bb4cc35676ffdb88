import diagnostics from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

/** Counts the requests that this process sends to one endpoint and gets an answer to: those of the AWS SDK, whatever its client. */
export interface Calls {
  /** How many since the last call. */
  take(): number;
  stop(): void;
}

export function countCalls(endpoint: string): Calls {
  const port = Number(new URL(endpoint).port);
  let count = 0;
  const see = (message: unknown) => {
    // By port: the S3 gate, in this process too, forwards each request with the same Host.
    if (hasRequest(message) && message.request.socket?.remotePort === port) count += 1;
  };
  diagnostics.subscribe("http.client.response.finish", see);
  return {
    take: () => {
      const taken = count;
      count = 0;
      return taken;
    },
    stop: () => diagnostics.unsubscribe("http.client.response.finish", see),
  };
}

const hasRequest = (message: unknown): message is { request: ClientRequest } =>
  typeof message === "object" && message !== null && "request" in message;
