import { createServer } from "node:http";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A server for the calls of SST's components to SST's command line. It responds without AWS. */
export interface RpcServer {
  readonly url: string;
  /** The links of each function that was built, by function name and link name. */
  readonly links: Readonly<Record<string, Record<string, unknown>>>;
  close(): Promise<void>;
}

/** Starts the server. @param work a directory for the files that SST would upload */
export async function startRpcServer(work: string): Promise<RpcServer> {
  const bundle = join(work, "bundle");
  mkdirSync(bundle, { recursive: true });
  writeFileSync(join(bundle, "index.mjs"), "export const handler = () => undefined;\n");
  const links: Record<string, Record<string, unknown>> = {};
  const answer = (method: string, input: Record<string, unknown>): unknown => {
    switch (method) {
      case "Provider.Aws.Bootstrap":
        return {
          asset: "sst-asset-mock",
          state: "sst-state-mock",
          assetEcrRegistryId: "123456789012",
          assetEcrUrl: "123456789012.dkr.ecr.us-east-1.amazonaws.com/sst-asset",
        };
      case "Provider.Aws.Appsync":
        return {
          http: "mock.appsync-api.us-east-1.amazonaws.com",
          realtime: "mock.appsync-realtime-api.us-east-1.amazonaws.com",
        };
      case "Runtime.Build":
        links[String(input["functionID"])] = { ...Object(input["links"]) };
        return { handler: String(input["handler"]), out: bundle, errors: [], sourcemaps: [] };
      case "Runtime.AddTarget":
        return null;
      default:
        throw new Error(`the evaluation has no answer for the call ${method}`);
    }
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const call: { method: string; params: [Record<string, unknown>] } = JSON.parse(Buffer.concat(chunks).toString());
      try {
        response.end(JSON.stringify({ result: answer(call.method, call.params[0]) }));
      } catch (error) {
        response.end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the local server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    links,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
