import { type IncomingMessage, type Server as HttpServer, type ServerResponse, createServer } from "node:http";
import type { Socket } from "node:net";
import { RequestError, getRequestListener } from "@hono/node-server";
import { Config } from "@gotong/core/platform/config.ts";
import { AppError } from "@gotong/core/platform/error.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { createApp } from "./app.ts";
import { bodyBudget } from "./http/body-budget.ts";
import { limitChunks } from "./http/chunks.ts";
import { limitConnections } from "./http/connections.ts";
import { oneAtATime } from "./http/one-at-a-time.ts";
import { limitTime } from "./http/response-time.ts";
import { malformed, problemOf, refusalResponse, refuse, refuseSocket } from "./http/refusals.ts";
import type { Site } from "./http/site.ts";
import { findFlaw } from "./http/well-formed.ts";
import { drain } from "./routes/operations.ts";

export interface Server {
  readonly port: number;
  /** Stops accepting requests and waits up to 10 s for running requests. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;
/** Interval at which Node checks for requests that exceed their timeout. */
const CHECK_MS = 1_000;
/** Idle time after which a connection is closed: no handler and no working network takes this long, so the client is not reading its response. */
const SILENCE_MS = 60_000;

/**
 * Serves the API on the configured host and port.
 * @param site answers requests for the web app's pages and files; without it only the API is served
 * @throws Error EADDRINUSE if the port is in use
 */
export function serve(site?: Site): Promise<Server> {
  const { HOST, PORT } = Config.section("service");
  const server = httpServer(site);
  const close = () =>
    new Promise<void>((closed) => {
      drain();
      server.close(() => closed());
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), DRAIN_MS).unref();
    });
  return new Promise((resolve, reject) => {
    server.once("error", reject).listen(PORT, HOST, () => {
      const address = server.address();
      resolve({ port: typeof address === "object" && address !== null ? address.port : PORT, close });
    });
  });
}

/** The app behind Node's server, with timeouts, connection limits, and a problem document for requests that Node itself rejects. */
function httpServer(site: Site | undefined): HttpServer {
  const http = Config.section("http");
  const listener = getRequestListener(createApp().fetch, {
    hostname: Config.section("service").HOST,
    errorHandler: (error) => {
      if (error instanceof RequestError) return refusalResponse(malformed("The header Host or the path is not valid."));
      Log.error("request failed", error);
      return refusalResponse(new AppError("INTERNAL"));
    },
  });
  const responses = new WeakMap<Socket, ServerResponse>();
  const refusalOfBody = bodyBudget(http.HTTP_LARGE_BODIES_MIB * 1024 * 1024);
  const options = {
    headersTimeout: http.HTTP_HEADERS_SECONDS * 1000,
    requestTimeout: http.HTTP_REQUEST_SECONDS * 1000,
    keepAliveTimeout: http.HTTP_KEEP_ALIVE_SECONDS * 1000,
    connectionsCheckingInterval: CHECK_MS,
    requireHostHeader: false, // checked by findFlaw, which answers with a problem document
  };
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    limitTime(response, http.HTTP_RESPONSE_SECONDS);
    const flaw = findFlaw(request) ?? refusalOfBody(request, response);
    if (flaw) return refuse(request, response, flaw);
    if (site?.(request, response)) return;
    responses.set(request.socket, response);
    listener(request, response).catch((error: unknown) => {
      Log.error("a request got no response", error);
      response.destroy();
    });
  };
  const server = createServer(options, oneAtATime(handle));
  server.timeout = SILENCE_MS;
  server.prependListener("request", limitChunks);
  server.on("connect", (_request: IncomingMessage, socket: Socket) =>
    refuseSocket(socket, malformed("The method CONNECT is for proxies.")),
  );
  server.on("checkExpectation", (request: IncomingMessage, response: ServerResponse) =>
    refuse(request, response, new AppError("EXPECTATION_FAILED")),
  );
  server.on("clientError", (error: unknown, socket: Socket) => {
    // If a response is being sent, the client would read this error response as a part of it.
    const response = responses.get(socket);
    const isResponding = response !== undefined && response.headersSent && !response.writableFinished;
    if (!socket.writable || isResponding) socket.destroy();
    else refuseSocket(socket, problemOf(error));
  });
  limitConnections(server, {
    total: http.HTTP_CONNECTIONS,
    perAddress: http.CLIENT_ADDRESS_HEADER === undefined ? http.HTTP_CONNECTIONS_PER_ADDRESS : undefined,
  });
  return server;
}
