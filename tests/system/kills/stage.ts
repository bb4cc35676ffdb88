import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { Config } from "@gotong/core/platform/config.ts";
import { Db, migrate } from "@gotong/core/platform/db/index.ts";
import { Leftovers, Sweep } from "@gotong/core/outbox/index.ts";
import { BUCKET, CREDENTIALS, queueVariables } from "@gotong/local/aws.ts";
import { type Markov, startMarkov } from "@gotong/local/markov/server.ts";
import { wipePostgres } from "@gotong/local/postgres.ts";
import { LOOSE_LIMITS } from "../../harness/limits.ts";
import { Database } from "./database.ts";
import type { Delivery, QueueLoss } from "./duplicates.ts";
import { type Part, Program, answers, steadyPort } from "./part.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const API = join(ROOT, "packages", "api", "src", "server.ts");
const WORKERS = join(ROOT, "packages", "workers", "src", "pod.ts");
const PAIR = [1, 2] as const;
/** Delay of a sweep that replaces the sweeps armed by acts, which a killed queue may have lost. */
const SWEEP_DELAY_SECONDS = 60;
/**
 * Probability that a killed queue restarts without its messages. SQS never loses messages; this tests
 * `forgetPublications`, the operator's remedy.
 */
const LOSS = 0.1;
const secret = () => randomBytes(32).toString("hex");

export interface Stage {
  /** The processes to kill: two APIs, two pods of workers, PostgreSQL and the queue. */
  readonly parts: readonly Part[];
  readonly programs: readonly Program[];
  readonly apis: readonly string[];
  /**
   * Markov's double. It runs in this process, which is never killed, since the comparison at the end needs all received
   * events.
   */
  readonly markov: Markov;
  readonly sql: postgres.Sql;
  /** Each delivery that the receiver accepted, including repeated ones, in the order of arrival. */
  readonly deliveries: readonly Delivery[];
  /** Each restart of the queue without its messages. */
  readonly losses: readonly QueueLoss[];
  /** Sends a sweep at once, like an operator who does not wait for the armed sweep. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the platform as separate processes, with data and logs in `dir`. */
export async function openStage(dir: string, visibilitySeconds: number): Promise<Stage> {
  const [postgresPort, queuePort, ...apiPorts] = [
    await steadyPort(),
    await steadyPort(),
    await steadyPort(),
    await steadyPort(),
  ];
  const dataDir = join(dir, "postgres");
  const database = new Database(dataDir, postgresPort);
  await database.start();
  await migrate(database.url, join(ROOT, "migrations"));
  const secrets = { JWT_KEY: secret(), GOTONG_ROYONG_WEBHOOK_SECRET: secret(), MARKOV_API_TOKEN: secret() };
  const deliveries: Delivery[] = [];
  const markov = await startMarkov({
    port: 0,
    secrets: [secrets.GOTONG_ROYONG_WEBHOOK_SECRET],
    token: secrets.MARKOV_API_TOKEN,
    onDelivery: (eventId) => void deliveries.push({ eventId, atMs: performance.now() }),
  });
  const endpoint = `http://127.0.0.1:${queuePort}`;
  const variables = {
    ...secrets,
    STAGE: "test",
    HOST: "127.0.0.1",
    DATABASE_URL: database.url,
    S3_ENDPOINT: endpoint,
    S3_BUCKET: BUCKET,
    S3_ACCESS_KEY: CREDENTIALS.accessKey,
    S3_SECRET_KEY: CREDENTIALS.secretKey,
    S3_CAPABILITIES: "none",
    SQS_ENDPOINT: endpoint,
    ...queueVariables(endpoint),
    MARKOV_API_URL: markov.url,
    MARKOV_LIMIT_PER_MINUTE: "10000000",
    ...LOOSE_LIMITS,
    DELIVERY_SENDERS: "2",
  };
  Config.use(variables);
  const program = (name: string, file: string, own: Record<string, string>, isReady: () => Promise<boolean>) =>
    new Program({
      name,
      weight: 4,
      file,
      variables: { ...variables, ...own },
      logFile: join(dir, `${name}.log`),
      isReady,
    });
  const sql = postgres(database.url, { max: 1, onnotice: () => undefined });
  const queueDir = join(dir, "queue");
  mkdirSync(queueDir);
  const losses: QueueLoss[] = [];
  let isLost = false;
  const queue = new Program({
    name: "queue",
    weight: 1,
    file: join(import.meta.dirname, "queue.ts"),
    args: [String(queuePort), queueDir, String(visibilitySeconds)],
    variables: {},
    logFile: join(dir, "queue.log"),
    isReady: answers(endpoint),
    beforeRestart: async () => {
      isLost = Math.random() < LOSS;
      if (!isLost) return;
      const atMs = performance.now();
      for (const file of readdirSync(queueDir)) rmSync(join(queueDir, file));
      // Must run before the queue accepts messages: an event published to the new queue would overtake lost ones.
      await insist(Leftovers.forgetPublications);
      await insist(async () => {
        const rows = await sql`select id from webhook_events where status = 'pending' and published_at is null`;
        losses.push({ atMs, eventIds: new Set(rows.map((row) => String(row["id"]))) });
      });
    },
    afterRestart: async () => {
      if (isLost) await insist(sweepLost);
    },
  });
  const apis = PAIR.map((n) => {
    const port = apiPorts[n - 1] ?? 0;
    return program(`api ${n}`, API, { PORT: String(port) }, answers(`http://127.0.0.1:${port}/live`));
  });
  const workers = PAIR.map((n) => program(`workers ${n}`, WORKERS, { WORKERS_PORT: "0" }, async () => true));
  const programs = [queue, ...apis, ...workers];
  for (const one of programs) await one.start();
  return {
    parts: [database, ...programs],
    programs,
    apis: apiPorts.map((port) => `http://127.0.0.1:${port}`),
    markov,
    sql,
    deliveries,
    losses,
    sweep: () => insist(() => Sweep.send(0)),
    stop: async () => {
      for (const one of programs.toReversed()) await one.stop();
      await Db.close();
      await sql.end();
      await markov.stop();
      await database.stop();
      await wipePostgres(dataDir);
    },
  };
}

/**
 * Sends two sweeps: one at once, for unpublished events; and a delayed one, which replaces lost armed sweeps on which
 * acts in progress rely.
 */
async function sweepLost(): Promise<void> {
  await Sweep.send(0);
  await Sweep.send(SWEEP_DELAY_SECONDS);
}

/** Repeats the work until it succeeds, since database or queue may have been killed as well. */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (tries === 300) throw error;
      await sleep(100);
    }
  }
}
