import { createServer } from "node:net";
import { StartError } from "./start-error.ts";

const HOST = "127.0.0.1";

/** Returns a free port. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", reject);
    server.listen(0, HOST, () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** Checks that a port is free. @throws StartError with the name of the variable, if the port is in use */
export function assertFree(port: number, variable: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on("error", () =>
      reject(
        new StartError(
          `Port ${port} is in use: stop the process that listens there, or set ${variable} to another port.`,
        ),
      ),
    );
    server.listen(port, HOST, () => server.close(() => resolve()));
  });
}
