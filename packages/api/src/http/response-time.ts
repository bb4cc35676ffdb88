import type { ServerResponse } from "node:http";

/**
 * Closes the connection of a response that is not finished in time. A client that reads a byte now and then could keep a connection forever, since
 * Node's own timeout restarts with each byte.
 */
export function limitTime(response: ServerResponse, seconds: number): void {
  const timer = setTimeout(() => response.destroy(), seconds * 1000).unref();
  response.once("close", () => clearTimeout(timer));
}
