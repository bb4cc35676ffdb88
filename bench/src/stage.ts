import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { migrate } from "@gotong/core/platform/db/index.ts";
import { BUCKET, CREDENTIALS, queueVariables, startAws } from "@gotong/local/aws.ts";
import { freePort } from "@gotong/local/ports.ts";
import { startPostgres } from "@gotong/local/postgres.ts";
import { buildImage, programOf } from "../../scripts/build-image.ts";
import { fill } from "./data.ts";
import { Program } from "./program.ts";
import { SETTINGS } from "./settings.ts";
import { Members } from "./work.ts";

/** Number of members for whom the load generator sends requests. */
const MEMBERS = 64;
/** Members renew their access tokens, which are valid for 15 minutes, as clients do. */
const RENEWAL_MS = 10 * 60_000;
/** The options of Node and of memory that the Dockerfile sets. */
const IMAGE = { MALLOC_ARENA_MAX: "1", NODE_OPTIONS: "--max-semi-space-size=16" };
const ROOT = join(import.meta.dirname, "..", "..");

/** The environment of a comparison: all its servers use the same PostgreSQL, with the same tables and rows. */
export interface Stage {
  readonly dir: string;
  readonly databaseUrl: string;
  readonly sql: postgres.Sql;
  /** Settings of our programs: all features are enabled, and limits are above the rate of one load generator. */
  readonly variables: Readonly<Record<string, string>>;
  /** Starts our API with the program of the container image. @param own settings that differ */
  api(name: string, own?: Readonly<Record<string, string>>): Promise<Program>;
  /** Starts our workers with the program of the container image. */
  worker(name: string, own?: Readonly<Record<string, string>>): Promise<Program>;
  /** Registers members with an API. @returns their access tokens, which are replaced in place before they expire */
  members(api: Program): Promise<readonly string[]>;
  /**
   * Removes all contributions and events. Each comparison of POSTs begins with it: the daily limit counts the
   * contributions of a member in 24 hours, which are at most 100 by default, and without a limit grow to thousands.
   */
  clear(): Promise<void>;
  /** Returns the settings of queues at another endpoint. */
  queuesAt(endpoint: string): Readonly<Record<string, string>>;
  /** Starts a program of this folder. */
  program(name: string, file: string, env?: Readonly<Record<string, string>>): Promise<Program>;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL (without fsync, since a shared disk is the noisiest part of a host), fills it, and starts the
 * emulator of S3 and SQS.
 * @param tasks number of rows in the table of tasks
 */
export async function openStage(tasks: number): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), "gotong-bench-"));
  const server = await startPostgres({ dataDir: join(dir, "postgres"), port: 0, durable: false });
  await migrate(server.url, join(ROOT, "migrations"));
  const sql = postgres(server.url, { max: 2, onnotice: () => undefined });
  await fill(sql, tasks);
  const aws = await startAws({ port: 0 });
  await buildImage("api", join(dir, "api"));
  await buildImage("worker", join(dir, "worker"));
  const programs: Program[] = [];
  const renewals: NodeJS.Timeout[] = [];
  const variables = {
    ...SETTINGS,
    DATABASE_URL: server.url,
    S3_ENDPOINT: aws.endpoint,
    S3_BUCKET: BUCKET,
    S3_ACCESS_KEY: CREDENTIALS.accessKey,
    S3_SECRET_KEY: CREDENTIALS.secretKey,
    SQS_ENDPOINT: aws.endpoint,
    ...queueVariables(aws.endpoint),
  };
  const start = async (name: string, file: string, env: Readonly<Record<string, string>>, path?: string) => {
    const port = await freePort();
    const program = await Program.start({
      name,
      file,
      env: { ...env, PORT: String(port), WORKERS_PORT: String(port) },
      port,
      ...(path === undefined ? {} : { path }),
      logFile: join(dir, `${name.replaceAll(/\W+/g, "-")}.log`),
    });
    programs.push(program);
    return program;
  };
  return {
    dir,
    databaseUrl: server.url,
    sql,
    variables,
    api: (name, own = {}) =>
      start(name, join(dir, "api", programOf("api")), { ...variables, ...IMAGE, ...own }, "/live"),
    worker: (name, own = {}) =>
      start(name, join(dir, "worker", programOf("worker")), { ...variables, ...IMAGE, ...own }, "/live"),
    members: async (api) => {
      const members = await Members.register(api.url, MEMBERS);
      const failed = (error: unknown) => process.stderr.write(`access tokens were not renewed: ${String(error)}\n`);
      renewals.push(setInterval(() => void members.renew().catch(failed), RENEWAL_MS));
      return members.tokens;
    },
    clear: async () => {
      await sql.unsafe("truncate contributions, webhook_events, event_subjects cascade");
    },
    queuesAt: (endpoint) => ({ SQS_ENDPOINT: endpoint, ...queueVariables(endpoint) }),
    program: (name, file, env = {}) =>
      start(name, join(import.meta.dirname, file), { DATABASE_URL: server.url, ...env }),
    stop: async () => {
      for (const renewal of renewals) clearInterval(renewal);
      await Promise.all(programs.map((program) => program.stop()));
      await sql.end();
      await aws.stop();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
