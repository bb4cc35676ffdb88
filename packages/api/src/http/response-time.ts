import type { ServerResponse } from "node:http";

/**
 * Closes the connection of a response that is not over in time. A client that reads a byte now and then would keep a connection for ever:
 * Node's own timeout begins again with each byte.
 */
export function limitTime(response: ServerResponse, seconds: number): void {
  const timer = setTimeout(() => response.destroy(), seconds * 1000).unref();
  response.once("close", () => clearTimeout(timer));
}
