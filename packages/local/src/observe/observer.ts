import { createServer } from "node:http";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { QUEUES, type QueueName, URL_VARIABLES } from "@gotong/core/platform/queue/index.ts";
import { chartsOf } from "./charts.ts";
import { POLICY, type Place, STYLE, pageOf } from "./page.ts";
import { type Sample, parseScrape } from "./sample.ts";

/** The addresses of the stack. */
export interface Sources {
  /** Each process with `/metrics`: the API, and workers in processes of their own. */
  readonly processes: readonly { readonly name: string; readonly url: string }[];
  /** SQS or its emulator, with the URL of each queue by its variable; if absent, there are no charts of queues. */
  readonly queues?: {
    readonly endpoint: string;
    readonly urls: Readonly<Record<string, string>>;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
}

export interface Observer {
  readonly url: string;
  stop(): Promise<void>;
}

const PAUSE_MS = 2_000;
const MINUTES = 5;
const KEPT = (MINUTES * 60_000) / PAUSE_MS;
const LIMIT_MS = 1_500;

/**
 * Reads the metrics of the stack every two seconds and serves its charts on loopback.
 * @param port 0 for any free port
 * @throws Error EADDRINUSE when the port is in use
 */
export async function observe(sources: Sources, port: number): Promise<Observer> {
  const samples: Sample[] = [];
  let places: readonly Place[] = sources.processes;
  const depths = depthsOf(sources.queues);
  let isOver = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    const [answers, queued] = await Promise.all([Promise.all(sources.processes.map(scrape)), depths.read()]);
    places = answers.map(({ place }) => place);
    samples.push({
      at: Date.now(),
      scrapes: answers.flatMap(({ text }) => (text === undefined ? [] : [parseScrape(text)])),
      depths: queued,
    });
    if (samples.length > KEPT) samples.shift();
    if (!isOver) timer = setTimeout(() => void look(), PAUSE_MS);
  };
  const server = createServer((request, response) => {
    const headers = {
      "content-security-policy": POLICY,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
    };
    // Rejects other host names: a page of another site must not read the stack through a DNS name that points to this
    // host.
    if (!/^(localhost|127\.0\.0\.1)(:\d+)?$/.test(request.headers.host ?? "")) response.writeHead(421, headers).end();
    else if (request.method !== "GET") response.writeHead(405, { ...headers, allow: "GET" }).end();
    else if (request.url === "/style.css")
      response.writeHead(200, { ...headers, "content-type": "text/css; charset=utf-8" }).end(STYLE);
    else if (request.url === "/")
      response
        .writeHead(200, { ...headers, "content-type": "text/html; charset=utf-8" })
        .end(pageOf(chartsOf(samples), places, MINUTES));
    else response.writeHead(404, headers).end();
  });
  await new Promise<void>((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  await look();
  const address = server.address();
  return {
    url: `http://localhost:${typeof address === "object" && address !== null ? address.port : port}/`,
    stop: async () => {
      isOver = true;
      clearTimeout(timer);
      depths.close();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function scrape(one: { readonly name: string; readonly url: string }): Promise<{ place: Place; text?: string }> {
  try {
    const answer = await fetch(new URL("/metrics", one.url), { signal: AbortSignal.timeout(LIMIT_MS) });
    if (answer.ok) return { place: one, text: await answer.text() };
    return { place: { ...one, problem: `status ${answer.status}` } };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    return { place: { ...one, problem: cause instanceof Error ? cause.message : String(cause) } };
  }
}

function depthsOf(queues: Sources["queues"]) {
  if (queues === undefined) return { read: async () => ({}), close: () => undefined };
  const { endpoint, urls, ...credentials } = queues;
  const client = new SQSClient({ region: "us-east-1", endpoint, credentials, maxAttempts: 1 });
  const depthOf = async (queue: QueueName): Promise<[string, number][]> => {
    const url = urls[URL_VARIABLES[queue]];
    if (url === undefined) return [];
    const attributes = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] as const;
    try {
      const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...attributes] });
      const answer = await client.send(command, { abortSignal: AbortSignal.timeout(LIMIT_MS) });
      return [[queue, attributes.reduce((sum, name) => sum + Number(answer.Attributes?.[name] ?? 0), 0)]];
    } catch {
      return []; // the chart shows a gap
    }
  };
  return {
    read: async () => Object.fromEntries((await Promise.all(QUEUES.map(depthOf))).flat()),
    close: () => client.destroy(),
  };
}
