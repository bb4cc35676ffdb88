import { type RequestListener, createServer } from "node:http";
import * as v from "valibot";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Queue, type QueueName } from "@gotong/core/platform/queue/index.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { Sweep } from "@gotong/core/outbox/sweep.ts";
import { Breaker } from "@gotong/core/webhook/circuit-breaker.ts";
import { SECTIONS } from "@gotong/workers/sections.ts";
import { deliveries } from "@gotong/workers/deliveries/process.ts";
import { evidence } from "@gotong/workers/evidence/process.ts";
import { lambdaHandler } from "@gotong/workers/lambda-handler.ts";
import { mail } from "@gotong/workers/mail/process.ts";
import { outcomes } from "@gotong/workers/outcomes/process.ts";
import { sweep } from "@gotong/workers/sweep/process.ts";
import { emptyDatabase } from "../../harness/database.ts";
import { submitPhoto } from "../../harness/evidence.ts";
import type { Person, Platform } from "../../harness/platform.ts";
import { drain, outcomeOf } from "../../harness/queue.ts";
import { type Ses } from "../../harness/ses.ts";
import { contributionOf } from "../../harness/scenes.ts";
import { type Fate, type Message, type Scene, WORKERS, type WorkerName } from "./simulate.ts";

const WORKER_CODE = { deliveries, outcomes, evidence, sweep, mail };
const NO_LISTENER = "http://127.0.0.1:1"; // without a listener, connections are refused at once
/** One way in which a part of the platform fails, and the expected behaviour of the platform. */
export interface Outage {
  readonly what: string;
  /** Settings that cause the fault, merged into the correct ones. */
  readonly settings?: (servers: Servers) => Record<string, string> | Promise<Record<string, string>>;
  /** Functions whose code cannot be loaded. */
  readonly unloadable?: readonly (WorkerName | "api")[];
  readonly idle?: readonly WorkerName[];
  readonly bodies?: Partial<Record<WorkerName, string>>;
  readonly isMachineDown?: true;
  /** Set if the outage needs a file that was not examined yet. */
  readonly isAboutFiles?: true;
  readonly doesMailFail?: true;
  /** Set if the outage concerns only stages that send mail. */
  readonly isAboutMail?: true;
  /** Minute in which the outage ends. */
  readonly endsAfterMinutes?: number;
  /** Set for normal operation: no alarm may go off. */
  readonly isHarmless?: true;
}

/**
 * Starts a server that answers every request with this status and body, like a service that denies access or has
 * failed.
 */
interface Servers {
  answering(status: number, body: string, contentType?: string): Promise<string>;
}

const DENIED_BY_S3 = "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>";
const DENIED_BY_SQS = JSON.stringify({ __type: "com.amazonaws.sqs#AccessDenied", message: "Access Denied" });
const withoutDatabase = (change: (url: URL) => void) => () => {
  const url = new URL(Config.section("database").DATABASE_URL);
  change(url);
  return { DATABASE_URL: url.href };
};
const closePort = withoutDatabase((url) => {
  url.port = "1";
});

export const OUTAGES: readonly Outage[] = [
  { what: "nothing is wrong", isHarmless: true },
  {
    what: "the database resumes and refuses connections for three minutes",
    settings: closePort,
    endsAfterMinutes: 3,
    isHarmless: true,
  },
  { what: "the cache is gone", settings: () => ({ REDIS_URL: "redis://127.0.0.1:1" }), isHarmless: true },
  {
    what: "Markov is away for half an hour",
    settings: () => ({ MARKOV_API_URL: NO_LISTENER }),
    endsAfterMinutes: 30,
    isHarmless: true,
  },
  { what: "the database is gone", settings: closePort },
  {
    what: "the database's password is wrong",
    settings: withoutDatabase((url) => {
      url.password = "rotated";
    }),
  },
  { what: "migrations were forgotten", settings: async () => ({ DATABASE_URL: await emptyDatabase() }) },
  { what: "Markov is gone", settings: () => ({ MARKOV_API_URL: NO_LISTENER }) },
  {
    what: "Markov refuses our secret (401)",
    settings: async (servers) => ({ MARKOV_API_URL: await servers.answering(401, "{}") }),
  },
  {
    what: "Markov refuses an event (422)",
    settings: async (servers) => ({ MARKOV_API_URL: await servers.answering(422, "{}") }),
  },
  { what: "the API's code or a setting of it does not load", unloadable: ["api"] },
  { what: "the deliveries worker does not load", unloadable: ["deliveries"] },
  { what: "the outcomes worker does not load", unloadable: ["outcomes"] },
  { what: "the evidence worker does not load", unloadable: ["evidence"] },
  { what: "the sweep worker does not load", unloadable: ["sweep"] },
  { what: "the mail worker does not load", unloadable: ["mail"], isAboutMail: true },
  {
    what: "the bucket denies us",
    isAboutFiles: true,
    settings: async (servers) => ({ S3_ENDPOINT: await servers.answering(403, DENIED_BY_S3, "application/xml") }),
  },
  {
    what: "the queues deny us",
    settings: async (servers) => ({
      SQS_ENDPOINT: await servers.answering(403, DENIED_BY_SQS, "application/x-amz-json-1.0"),
    }),
  },
  { what: "the trigger of deliveries is off (the circuit breaker's probe was lost)", idle: ["deliveries"] },
  { what: "the trigger of the sweep is off", idle: ["sweep"] },
  { what: "a worker receives what it does not understand", bodies: { sweep: '{"armed_at":7}' } },
  { what: "SES does not take our mail", doesMailFail: true, isAboutMail: true },
  { what: "the NAT instance is gone", settings: () => ({ SQS_ENDPOINT: NO_LISTENER }), isMachineDown: true },
];

/**
 * Applies an outage to the running platform.
 * @returns the handlers and faults for {@link simulate}, and a function that ends the outage
 */
export async function inject(
  outage: Outage,
  platform: Platform,
  ses: Ses,
): Promise<{ scene: Scene; heal: () => Promise<void> }> {
  const stops: (() => Promise<void>)[] = [];
  const markov = await answering(stops, 200, "{}");
  const right = {
    ...platform.variables,
    MARKOV_API_URL: markov,
    MAIL_FROM: "hello@example.org",
    SES_ENDPOINT: ses.url,
  };
  await use(right);
  const member = await platform.person();
  const bodies = await messagesOf(member, platform, outage.isAboutFiles === true);
  const servers: Servers = { answering: (status, body, contentType) => answering(stops, status, body, contentType) };
  await use({ ...right, ...(await outage.settings?.(servers)) });
  if (outage.doesMailFail) ses.answer = { status: 503, error: "ServiceUnavailable" };
  const heal = async () => {
    ses.answer = "taken";
    await use(right);
    await Promise.all(stops.splice(0).map((stop) => stop()));
  };
  const unloadable = new Set<string>(outage.unloadable ?? []);
  const errors = new Map<string, unknown>();
  for (const name of unloadable) errors.set(name, await loadError(name, right));
  const run = workersUnder({ ...bodies, ...outage.bodies });
  platform.logs.length = 0;
  return {
    heal,
    scene: {
      request: async (kind) => {
        if (errors.has("api")) throw errors.get("api");
        return ask(kind, member.token);
      },
      work: async (worker, message) => {
        if (errors.has(worker)) throw errors.get(worker);
        return run(worker, message);
      },
      idle: outage.idle ?? [],
      isMachineUp: outage.isMachineDown !== true,
      ...(outage.endsAfterMinutes === undefined
        ? {}
        : { ends: { minute: outage.endsAfterMinutes, heal: () => use(right) } }),
      takeLog: () => platform.logs.splice(0),
    },
  };
}

async function use(variables: Record<string, string>): Promise<void> {
  await Db.close();
  await Cache.close();
  Config.use(variables);
  Storage.reset();
  Queue.use(undefined);
  Breaker.reset();
}

let written: Record<WorkerName, string> | undefined;

/**
 * Returns one message for each worker, caused by a member's acts. The messages are reused, unless the outage needs a
 * file that was not examined yet.
 */
async function messagesOf(member: Person, platform: Platform, isFresh: boolean): Promise<Record<WorkerName, string>> {
  if (written && !isFresh) return written;
  const contribution = await contributionOf(member);
  await submitPhoto(member, contribution);
  await platform.request("POST", "/v1/auth/password-resets", { body: { email: member.email } });
  const first = async (queue: QueueName): Promise<string> => {
    const [message] = await drain(queue);
    if (!message) throw new Error(`nothing was sent to ${queue}`);
    return message.body;
  };
  const [delivery, examination, reset] = [await first("deliveries"), await first("evidence"), await first("mail")];
  const { event_id } = v.parse(v.pipe(v.string(), v.parseJson(), v.object({ event_id: v.string() })), delivery);
  written = {
    deliveries: delivery,
    evidence: examination,
    mail: reset,
    sweep: JSON.stringify({ armed_at: new Date().toISOString() }), // the message that the act armed arrives a minute later
    outcomes: JSON.stringify(outcomeOf(event_id, "delivered", 200)),
  };
  return written;
}

/** The error that a function's module throws on loading if settings are missing. */
async function loadError(name: string, right: Record<string, string>): Promise<unknown> {
  Config.use({});
  try {
    const file =
      name === "api" ? "../../../packages/api/src/lambda.ts" : `../../../packages/workers/src/${name}/lambda.ts`;
    await import(/* @vite-ignore */ `${file}?without-settings`);
  } catch (error) {
    return error;
  } finally {
    Config.use(right);
  }
  throw new Error(`${name} loads without its settings`);
}

/** Returns a function that calls the real handlers with one message each, as Lambda does. */
function workersUnder(bodies: Record<WorkerName, string>) {
  const handlers = new Map(WORKERS.map((name) => [name, lambdaHandler(WORKER_CODE[name], SECTIONS[name])]));
  const hidden = new Map<string, number>();
  return async (worker: WorkerName, { ageMs, receives, sentAtSeconds }: Message): Promise<Fate> => {
    const { send, receive, remove, ping } = Queue.get();
    const messageId = `${worker}-${sentAtSeconds}`;
    hidden.delete(messageId);
    // The queue is simulated: records the time for which the handler hides the message.
    Queue.use({
      send,
      receive,
      remove,
      ping,
      hide: async (_, message, seconds) => void hidden.set(message.messageId, seconds),
    });
    const sentAt = Date.now() - ageMs;
    const event = {
      Records: [
        {
          messageId,
          receiptHandle: "r",
          body: bodies[worker].replace(/("created_at":")[^"]*/, `$1${new Date(sentAt).toISOString()}`),
          attributes: {
            ApproximateReceiveCount: String(receives),
            SentTimestamp: String(sentAt),
            ...(worker === "deliveries" ? { MessageGroupId: "g" } : {}),
          },
        },
      ],
    };
    const answer = await handlers.get(worker)?.(event);
    const isDone = answer?.batchItemFailures.length === 0;
    const seconds = hidden.get(messageId);
    return { isDone, ...(seconds === undefined ? {} : { retryInSeconds: seconds }) };
  };
}

const Reply = v.object({ statusCode: v.number() });

/**
 * Sends a request through the handler of the function URL.
 * @returns its status
 */
async function ask(kind: "read" | "act", token: string): Promise<number> {
  const [method, path] = kind === "read" ? ["GET", "/v1/tasks"] : ["POST", "/v1/contributions"];
  const contribution = { contribution_type: "mentoring", title: "Taught Budi to solder" };
  const event = {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: "",
    headers: { host: "api.example.org", authorization: `Bearer ${token}`, "content-type": "application/json" },
    requestContext: {
      accountId: "anonymous",
      apiId: "url",
      authentication: null,
      authorizer: {},
      domainName: "api.example.org",
      domainPrefix: "api",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.7", userAgent: "test" },
      requestId: "r",
      routeKey: "$default",
      stage: "$default",
      time: "",
      timeEpoch: 0,
    },
    isBase64Encoded: false,
    body: kind === "read" ? null : JSON.stringify(contribution),
  };
  // Forces a new sweep: acts within half a minute share one, and here minutes are milliseconds.
  Sweep.disarm();
  // Imports the module at first use, since it checks its settings when it is loaded.
  const { handler } = await import("@gotong/api/lambda.ts");
  return v.parse(Reply, await handler(event)).statusCode;
}

async function answering(
  stops: (() => Promise<void>)[],
  status: number,
  body: string,
  contentType = "application/json",
) {
  const listener: RequestListener = (request, response) => {
    request.resume().on("end", () => response.writeHead(status, { "content-type": contentType }).end(body));
  };
  const server = createServer(listener);
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, "127.0.0.1", resolve);
  await promise;
  stops.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
}
