import { join } from "node:path";
import { SECTIONS as API } from "@gotong/api/sections.ts";
import { serve } from "@gotong/api/serve.ts";
import { SECTIONS as WORKERS } from "@gotong/workers/sections.ts";
import { startWorkers } from "@gotong/workers/workers.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db, migrate } from "@gotong/core/platform/db/index.ts";
import { Leftovers, Sweep } from "@gotong/core/outbox/index.ts";
import { EvidenceQueue } from "@gotong/core/domain/evidence/index.ts";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { BUCKET, CREDENTIALS, startAws } from "./aws.ts";
import { createDemoData } from "./demo-data.ts";
import { startMarkov } from "./markov/server.ts";
import { ROOT } from "./paths.ts";
import { assertFree } from "./ports.ts";
import { startPostgres } from "./postgres.ts";
import { StartError } from "./start-error.ts";
import { buildApp, demoSite } from "./web.ts";

const MIGRATIONS = join(ROOT, "migrations");

/** Secrets of a stack on loopback. The platform rejects them in stages other than `dev`. */
const DEV_SECRETS = {
  JWT_KEY: "dev-only-key-that-signs-access-tokens-on-loopback",
  GOTONG_ROYONG_WEBHOOK_SECRET: "dev-only-secret-that-signs-webhooks-on-loopback",
  MARKOV_API_TOKEN: "dev-only-token-that-reads-reputations-on-loopback",
};

type Variables = Record<string, string | undefined>;

export interface Stack {
  readonly urls: Readonly<Record<"api" | "markov" | "aws" | "postgres", string>>;
  /** The settings of the stack's processes. `gotong` and other programs need the same settings to use the stack. */
  readonly settings: Readonly<Record<string, string>>;
  /** Stops accepting requests, finishes running ones, and stops every service that this process started. */
  stop(): Promise<void>;
}

/**
 * Starts the whole platform in this process. A service that `env` configures (`DATABASE_URL`, `S3_ENDPOINT` with
 * `SQS_ENDPOINT`, `MARKOV_API_URL`, `REDIS_URL`) is not started.
 * @param dir the directory of its state
 * @param options.app whether to serve the app for browsers, which is built first if it has changed
 * @throws StartError, ConfigError with a message that explains the solution
 */
export async function startStack(env: Variables, dir: string, options: { app?: boolean } = {}): Promise<Stack> {
  const port = (name: string, otherwise: number) => readPort(env, name, otherwise);
  const [apiPort, markovPort, awsPort, postgresPort] = [
    port("PORT", 3000),
    port("MARKOV_PORT", 3001),
    port("AWS_PORT", 3002),
    port("POSTGRES_PORT", 3003),
  ];
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const step of stops.splice(0).toReversed()) await step();
  };
  try {
    await assertFree(apiPort, "PORT");
    const building = options.app ? buildApp() : undefined;
    building?.catch(() => undefined); // an error is reported where the promise is awaited
    const settings: Variables = {
      ...DEV_SECRETS,
      STAGE: "dev",
      HOST: "127.0.0.1",
      // The limits are high, since all requests come from one address, and one demo sends about 60.
      RATE_LIMIT_PER_MINUTE: "6000",
      RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: "6000",
      REGISTRATION_LIMIT_PER_DAY: "6000",
      UPLOAD_LIMIT_PER_HOUR: "6000",
      VOUCH_LIMIT_PER_DAY: "6000",
      MAIL_DIR: join(dir, "mail"),
      // No second factor is required, since the demo's admin has no authenticator app.
      MFA_REQUIRED_FOR: "none",
      ...Config.withoutUnset(env),
      PORT: String(apiPort),
    };
    Object.assign(settings, await database(settings, postgresPort, dir, stops));
    Object.assign(settings, await aws(settings, awsPort, dir, stops));
    Object.assign(settings, await markov(settings, markovPort, dir, stops));
    Config.use(settings);
    Config.check([...new Set([...API, ...Object.values(WORKERS).flat()])]);
    stops.push(Cache.close, Db.close);
    await reachable("DATABASE_URL", () => migrate(settings["DATABASE_URL"] ?? "", MIGRATIONS));
    if (settings["REDIS_URL"]) await reachable("REDIS_URL", Cache.ping);
    const loginsFile = join(dir, "demo-logins.json");
    await createDemoData(loginsFile);
    stops.push(startWorkers());
    await recover();
    await building;
    const storage = settings["S3_PUBLIC_ENDPOINT"] ?? settings["S3_ENDPOINT"] ?? "";
    const server = await serve(options.app ? demoSite(new URL(storage).origin, loginsFile) : undefined);
    stops.push(server.close);
    return {
      urls: {
        api: `http://localhost:${server.port}`,
        markov: settings["MARKOV_API_URL"] ?? "",
        aws: settings["S3_ENDPOINT"] ?? "",
        postgres: settings["DATABASE_URL"] ?? "",
      },
      settings: ownSettings(settings),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Returns only the settings of the stack: other environment variables must not be stored in a file. */
function ownSettings(settings: Variables): Record<string, string> {
  const own = /^(DATABASE|S3|SQS|MARKOV|REDIS|JWT|GOTONG_ROYONG|MAIL|STAGE|AWS_REGION|RATE|MFA)(_|$)|_QUEUE_URL$/;
  return Object.fromEntries(
    Object.entries(settings).flatMap(([name, value]) => (own.test(name) && value !== undefined ? [[name, value]] : [])),
  );
}

/**
 * Enqueues undelivered events and unexamined files again, since the embedded queues lose their messages at every
 * stop.
 */
async function recover(): Promise<void> {
  await Leftovers.forgetPublications();
  await EvidenceQueue.enqueueOverdue(0);
  await (await import("@gotong/core/domain/avatar/queue.ts")).enqueueOverdue(0);
  await Sweep.send(0);
}

async function database(env: Variables, port: number, dir: string, stops: (() => Promise<void>)[]): Promise<Variables> {
  if (env["DATABASE_URL"]) return {};
  const server = await startPostgres({ dataDir: join(dir, "postgres"), port });
  stops.push(server.stop);
  return { DATABASE_URL: server.url };
}

async function aws(env: Variables, port: number, dir: string, stops: (() => Promise<void>)[]): Promise<Variables> {
  if (env["S3_ENDPOINT"] && env["SQS_ENDPOINT"]) return {};
  await assertFree(port, "AWS_PORT");
  const emulator = await startAws({ port, storageDir: join(dir, "s3") });
  stops.push(emulator.stop);
  const storage = {
    S3_ENDPOINT: emulator.endpoint,
    S3_BUCKET: BUCKET,
    S3_ACCESS_KEY: CREDENTIALS.accessKey,
    S3_SECRET_KEY: CREDENTIALS.secretKey,
    S3_CAPABILITIES: "none",
  };
  const queue = {
    SQS_ENDPOINT: emulator.endpoint,
    ...emulator.queueVariables,
  };
  return { ...(env["S3_ENDPOINT"] ? {} : storage), ...(env["SQS_ENDPOINT"] ? {} : queue) };
}

async function markov(env: Variables, port: number, dir: string, stops: (() => Promise<void>)[]): Promise<Variables> {
  if (env["MARKOV_API_URL"]) return {};
  await assertFree(port, "MARKOV_PORT");
  const secrets = [env["GOTONG_ROYONG_WEBHOOK_SECRET"], env["GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS"]].filter(
    (secret) => secret !== undefined,
  );
  const double = await startMarkov({
    port,
    secrets,
    token: env["MARKOV_API_TOKEN"] ?? "",
    stateFile: join(dir, "markov.jsonl"),
  });
  stops.push(double.stop);
  return { MARKOV_API_URL: double.url };
}

async function reachable(variable: string, attempt: () => Promise<unknown>): Promise<void> {
  try {
    await attempt();
  } catch (cause) {
    if (!isConnectionError(cause)) throw cause;
    throw new StartError(
      `${variable} points to a service that does not respond: start it, or unset ${variable} to use the embedded one.`,
      { cause },
    );
  }
}

function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isConnectionError);
  if (!(error instanceof Error)) return false;
  const code = "code" in error ? String(error.code) : error.message;
  return /ECONN|ENOTFOUND|EAI_AGAIN|TIMEOUT|28P01|28000|3D000|CONNECTION_|max retries|isn't writeable|Connection is closed/i.test(
    code + error.message,
  );
}

function readPort(env: Variables, name: string, otherwise: number): number {
  const value = env[name];
  if (value === undefined || value === "") return otherwise;
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535)
    throw new StartError(`${name} must be a port, a whole number from 0 to 65535.`);
  return Number(value);
}
