import diagnostics from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

/** Counts the requests of this process to one endpoint that got a response: those of the AWS SDK, by any of its clients. */
export interface Calls {
  /** Returns the number of requests since the last call. */
  take(): number;
  stop(): void;
}

export function countCalls(endpoint: string): Calls {
  const port = Number(new URL(endpoint).port);
  let count = 0;
  const see = (message: unknown) => {
    // Compares only the port, since the S3 proxy in this process forwards each request with the same Host.
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
